#include "benchmarks/fib/fib.h"
#include "benchmarks/harness/on_openmp.h"

namespace tally::benchmarks::fib {
namespace {

int64_t Fib(int n) {
  if (n < 2) return n;
  int64_t a = 0;
#pragma omp task shared(a) firstprivate(n)
  a = Fib(n - 1);
  const int64_t b = Fib(n - 2);
#pragma omp taskwait
  return a + b;
}

}  // namespace

Measured OpenMp(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnOpenMp(size.forks, setting, [&size] { return Fib(size.n) == size.answer; });
}

}  // namespace tally::benchmarks::fib
