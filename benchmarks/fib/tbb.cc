#include "benchmarks/fib/fib.h"
#include "benchmarks/harness/on_tbb.h"
#include "tbb/task_group.h"

namespace tally::benchmarks::fib {
namespace {

int64_t Fib(int n) {
  if (n < 2) return n;
  int64_t a = 0;
  tbb::task_group group;
  group.run([&a, n] { a = Fib(n - 1); });
  const int64_t b = Fib(n - 2);
  group.wait();
  return a + b;
}

}  // namespace

Measured Tbb(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTbb(size.forks, setting, [&size] { return Fib(size.n) == size.answer; });
}

}  // namespace tally::benchmarks::fib
