#include "benchmarks/cholesky/cholesky.h"
#include "benchmarks/harness/on_tally.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::cholesky {
namespace {

struct Way {
  Scheduler& scheduler;

  template <class F>
  void Each(int64_t count, const F& f) {
    ParallelFor(scheduler, 0, count, f, {.grain = 1});
  }
};

}  // namespace

Measured Ours(const Setting& setting) {
  Matrix matrix(setting);
  return OnTally(1e6, setting, [&matrix](Scheduler& scheduler) {
    Way way{scheduler};
    return matrix.FactorOnce(way);
  });
}

}  // namespace tally::benchmarks::cholesky
