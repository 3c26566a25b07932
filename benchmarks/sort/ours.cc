#include "benchmarks/harness/on_tally.h"
#include "benchmarks/sort/sort.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::sort {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
    Invoke(f, g);
  }
};

}  // namespace

Measured Ours(const Setting& setting) {
  Numbers numbers(setting);
  return OnTally(1e6, setting, [&numbers](Scheduler&) {
    Way way;
    return numbers.SortOnce(way);
  });
}

}  // namespace tally::benchmarks::sort
