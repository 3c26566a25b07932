#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/parallel_for/parallel_for.h"

namespace tally::benchmarks::parallel_for {

Measured OpenMpGrain1(const Setting& setting) {
  Numbers numbers(setting);
  return MedianNanosPer(static_cast<double>(numbers.size()), setting, [&] {
    int32_t* const data = numbers.data();
    const int64_t size = numbers.size();
#pragma omp parallel for schedule(dynamic, 1) num_threads(setting.workers)
    for (int64_t i = 0; i < size; ++i) ++data[i];
    return numbers.AllRan(1);
  });
}

Measured OpenMpAuto(const Setting& setting) {
  Numbers numbers(setting);
  const int loops = LoopsOf(setting);
  return MedianNanosPer(1e3 * loops, setting, [&] {
    int32_t* const data = numbers.data();
    const int64_t size = numbers.size();
    for (int loop = 0; loop < loops; ++loop) {
#pragma omp parallel for schedule(static) num_threads(setting.workers)
      for (int64_t i = 0; i < size; ++i) ++data[i];
    }
    return numbers.AllRan(loops);
  });
}

}  // namespace tally::benchmarks::parallel_for
