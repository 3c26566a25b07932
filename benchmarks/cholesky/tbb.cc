#include "benchmarks/cholesky/cholesky.h"
#include "benchmarks/harness/on_tbb.h"
#include "tbb/parallel_for.h"
#include "tbb/partitioner.h"

namespace tally::benchmarks::cholesky {
namespace {

struct Way {
  template <class F>
  void Each(int64_t count, const F& f) {
    tbb::parallel_for(int64_t{0}, count, f, tbb::simple_partitioner());
  }
};

}  // namespace

Measured Tbb(const Setting& setting) {
  Matrix matrix(setting);
  return OnTbb(1e6, setting, [&matrix] {
    Way way;
    return matrix.FactorOnce(way);
  });
}

}  // namespace tally::benchmarks::cholesky
