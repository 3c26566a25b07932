#include "benchmarks/harness/on_tally.h"
#include "benchmarks/matmul/matmul.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::matmul {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
    Invoke(f, g);
  }
};

}  // namespace

Measured Ours(const Setting& setting) {
  Matrices matrices(setting);
  return OnTally(1e6, setting, [&matrices](Scheduler&) {
    Way way;
    return matrices.MultiplyOnce(way);
  });
}

}  // namespace tally::benchmarks::matmul
