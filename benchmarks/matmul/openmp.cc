#include "benchmarks/harness/on_openmp.h"
#include "benchmarks/matmul/matmul.h"

namespace tally::benchmarks::matmul {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
#pragma omp task shared(g)
    g();
    f();
#pragma omp taskwait
  }
};

}  // namespace

Measured OpenMp(const Setting& setting) {
  Matrices matrices(setting);
  return OnOpenMp(1e6, setting, [&matrices] {
    Way way;
    return matrices.MultiplyOnce(way);
  });
}

}  // namespace tally::benchmarks::matmul
