#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/sort/sort.h"
#include "tbb/parallel_invoke.h"

namespace tally::benchmarks::sort {
namespace {

struct Way {
  template <class F, class G>
  void Both(const F& f, const G& g) {
    tbb::parallel_invoke(f, g);
  }
};

}  // namespace

Measured Tbb(const Setting& setting) {
  Numbers numbers(setting);
  return OnTbb(1e6, setting, [&numbers] {
    Way way;
    return numbers.SortOnce(way);
  });
}

}  // namespace tally::benchmarks::sort
