#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/skynet/skynet.h"

namespace tally::benchmarks::skynet {
namespace {

int64_t Sum(int64_t first, int64_t leaves) {
  if (leaves == 1) return first;
  int64_t sum = 0;
  for (int child = 0; child < 10; ++child) sum += Sum(first + child * (leaves / 10), leaves / 10);
  return sum;
}

}  // namespace

Measured Serial(const Setting& setting) {
  const Size size = SizeOf(setting);
  return MedianNanosPer(static_cast<double>(size.leaves), setting, [&size] {
    volatile int64_t unknown = size.leaves;  // or the compiler would compute it
    return Sum(0, unknown) == size.answer;
  });
}

}  // namespace tally::benchmarks::skynet
