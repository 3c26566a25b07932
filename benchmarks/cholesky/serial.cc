#include "benchmarks/cholesky/cholesky.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::cholesky {
namespace {

struct Way {
  template <class F>
  void Each(int64_t count, const F& f) {
    for (int64_t i = 0; i < count; ++i) f(i);
  }
};

}  // namespace

Measured Serial(const Setting& setting) {
  Matrix matrix(setting);
  return MedianNanosPer(1e6, setting, [&matrix] {
    Way way;
    return matrix.FactorOnce(way);
  });
}

}  // namespace tally::benchmarks::cholesky
