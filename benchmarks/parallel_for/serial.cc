#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/parallel_for/parallel_for.h"

namespace tally::benchmarks::parallel_for {
namespace {

// Not inlined: 200 loops must not be merged into one that adds 200.
__attribute__((noinline)) void AddOnes(int32_t* data, int64_t size) {
  for (int64_t i = 0; i < size; ++i) ++data[i];
}

}  // namespace

Measured SerialGrain1(const Setting& setting) {
  Numbers numbers(setting);
  return MedianNanosPer(static_cast<double>(numbers.size()), setting, [&] {
    AddOnes(numbers.data(), numbers.size());
    return numbers.AllRan(1);
  });
}

Measured SerialAuto(const Setting& setting) {
  Numbers numbers(setting);
  const int loops = LoopsOf(setting);
  return MedianNanosPer(1e3 * loops, setting, [&] {
    for (int loop = 0; loop < loops; ++loop) AddOnes(numbers.data(), numbers.size());
    return numbers.AllRan(loops);
  });
}

}  // namespace tally::benchmarks::parallel_for
