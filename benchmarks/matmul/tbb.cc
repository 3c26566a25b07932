#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/matmul/matmul.h"
#include "tbb/parallel_invoke.h"

namespace tally::benchmarks::matmul {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
    tbb::parallel_invoke(f, g);
  }
};

}  // namespace

Measured Tbb(const Setting& setting) {
  Matrices matrices(setting);
  return OnTbb(1e6, setting, [&matrices] {
    Way way;
    return matrices.MultiplyOnce(way);
  });
}

}  // namespace tally::benchmarks::matmul
