#include "benchmarks/harness/on_tally.h"
#include "benchmarks/parallel_for/parallel_for.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::parallel_for {

Measured OursGrain1(const Setting& setting) {
  Numbers numbers(setting);
  return OnTally(static_cast<double>(numbers.size()), setting, [&numbers](Scheduler& scheduler) {
    ParallelFor(scheduler, 0, numbers.size(), [data = numbers.data()](int64_t i) { ++data[i]; },
                {.grain = 1});
    return numbers.AllRan(1);
  });
}

Measured OursAuto(const Setting& setting) {
  Numbers numbers(setting);
  const int loops = LoopsOf(setting);
  return OnTally(1e3 * loops, setting, [&numbers, loops](Scheduler& scheduler) {
    for (int loop = 0; loop < loops; ++loop) {
      ParallelFor(scheduler, 0, numbers.size(), [data = numbers.data()](int64_t i) { ++data[i]; });
    }
    return numbers.AllRan(loops);
  });
}

}  // namespace tally::benchmarks::parallel_for
