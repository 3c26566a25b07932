#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/parallel_for/parallel_for.h"
#include "tbb/blocked_range.h"
#include "tbb/parallel_for.h"
#include "tbb/partitioner.h"

namespace tally::benchmarks::parallel_for {
namespace {

using Range = tbb::blocked_range<int64_t>;

auto AddOnes(int32_t* data) {
  return [data](const Range& range) {
    for (int64_t i = range.begin(); i < range.end(); ++i) ++data[i];
  };
}

}  // namespace

Measured TbbGrain1(const Setting& setting) {
  Numbers numbers(setting);
  return OnTbb(static_cast<double>(numbers.size()), setting, [&numbers] {
    tbb::parallel_for(Range(0, numbers.size(), 1), AddOnes(numbers.data()),
                      tbb::simple_partitioner());
    return numbers.AllRan(1);
  });
}

Measured TbbAuto(const Setting& setting) {
  Numbers numbers(setting);
  const int loops = LoopsOf(setting);
  return OnTbb(1e3 * loops, setting, [&numbers, loops] {
    for (int loop = 0; loop < loops; ++loop) {
      tbb::parallel_for(Range(0, numbers.size()), AddOnes(numbers.data()), tbb::auto_partitioner());
    }
    return numbers.AllRan(loops);
  });
}

}  // namespace tally::benchmarks::parallel_for
