#include <array>

#include "benchmarks/harness/on_openmp.h"
#include "benchmarks/skynet/skynet.h"

namespace tally::benchmarks::skynet {
namespace {

int64_t Sum(int64_t first, int64_t leaves) {
  if (leaves == 1) return first;
  std::array<int64_t, 10> sums;
  const int64_t tenth = leaves / 10;
  for (int child = 0; child < 9; ++child) {
#pragma omp task shared(sums) firstprivate(first, tenth, child)
    sums[child] = Sum(first + child * tenth, tenth);
  }
  sums[9] = Sum(first + 9 * tenth, tenth);
#pragma omp taskwait
  int64_t sum = 0;
  for (const int64_t part : sums) sum += part;
  return sum;
}

}  // namespace

Measured OpenMp(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnOpenMp(static_cast<double>(size.leaves), setting,
                  [&size] { return Sum(0, size.leaves) == size.answer; });
}

}  // namespace tally::benchmarks::skynet
