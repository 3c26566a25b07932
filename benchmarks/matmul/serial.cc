#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/matmul/matmul.h"

namespace tally::benchmarks::matmul {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
    f();
    g();
  }
};

}  // namespace

Measured Serial(const Setting& setting) {
  Matrices matrices(setting);
  return MedianNanosPer(1e6, setting, [&matrices] {
    Way way;
    return matrices.MultiplyOnce(way);
  });
}

}  // namespace tally::benchmarks::matmul
