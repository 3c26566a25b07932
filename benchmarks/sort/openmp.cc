#include "benchmarks/harness/on_openmp.h"
#include "benchmarks/sort/sort.h"

namespace tally::benchmarks::sort {
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
  Numbers numbers(setting);
  return OnOpenMp(1e6, setting, [&numbers] {
    Way way;
    return numbers.SortOnce(way);
  });
}

}  // namespace tally::benchmarks::sort
