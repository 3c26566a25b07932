#include <array>

#include "benchmarks/harness/on_tally.h"
#include "benchmarks/skynet/skynet.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::skynet {
namespace {

int64_t Sum(Scheduler& scheduler, int64_t first, int64_t leaves) {
  if (leaves == 1) return first;
  std::array<int64_t, 10> sums;
  const auto below = [&scheduler, first, tenth = leaves / 10](int child) {
    return Sum(scheduler, first + child * tenth, tenth);
  };
  TaskGroup group(scheduler);
  for (int child = 0; child < 9; ++child) {
    group.Spawn([&sums, &below, child] { sums[child] = below(child); });
  }
  sums[9] = below(9);
  group.Wait();
  int64_t sum = 0;
  for (const int64_t part : sums) sum += part;
  return sum;
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(static_cast<double>(size.leaves), setting, [&size](Scheduler& scheduler) {
    return Sum(scheduler, 0, size.leaves) == size.answer;
  });
}

}  // namespace tally::benchmarks::skynet
