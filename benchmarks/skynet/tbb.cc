#include <array>

#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/skynet/skynet.h"
#include "tbb/task_group.h"

namespace tally::benchmarks::skynet {
namespace {

int64_t Sum(int64_t first, int64_t leaves) {
  if (leaves == 1) return first;
  std::array<int64_t, 10> sums;
  const auto below = [first, tenth = leaves / 10](int child) {
    return Sum(first + child * tenth, tenth);
  };
  tbb::task_group group;
  for (int child = 0; child < 9; ++child) {
    group.run([&sums, &below, child] { sums[child] = below(child); });
  }
  sums[9] = below(9);
  group.wait();
  int64_t sum = 0;
  for (const int64_t part : sums) sum += part;
  return sum;
}

}  // namespace

Measured Tbb(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTbb(static_cast<double>(size.leaves), setting,
               [&size] { return Sum(0, size.leaves) == size.answer; });
}

}  // namespace tally::benchmarks::skynet
