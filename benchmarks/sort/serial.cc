#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/sort/sort.h"

namespace tally::benchmarks::sort {
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
  Numbers numbers(setting);
  return MedianNanosPer(1e6, setting, [&numbers] {
    Way way;
    return numbers.SortOnce(way);
  });
}

}  // namespace tally::benchmarks::sort
