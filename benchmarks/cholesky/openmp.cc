#include "benchmarks/cholesky/cholesky.h"
#include "benchmarks/harness/on_openmp.h"

namespace tally::benchmarks::cholesky {
namespace {

// Inside one parallel region, as a program would keep it open.
struct Way {
  template <class F>
  void Each(int64_t count, const F& f) {
#pragma omp taskloop grainsize(1) shared(f)
    for (int64_t i = 0; i < count; ++i) f(i);
  }
};

}  // namespace

Measured OpenMp(const Setting& setting) {
  Matrix matrix(setting);
  return OnOpenMp(1e6, setting, [&matrix] {
    Way way;
    return matrix.FactorOnce(way);
  });
}

}  // namespace tally::benchmarks::cholesky
