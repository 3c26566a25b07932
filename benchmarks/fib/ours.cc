#include "benchmarks/fib/fib.h"
#include "benchmarks/harness/on_tally.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::fib {
namespace {

int64_t Fib(int n) {
  if (n < 2) return n;
  int64_t a = 0, b = 0;
  Invoke([&] { a = Fib(n - 1); }, [&] { b = Fib(n - 2); });
  return a + b;
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(size.forks, setting, [&size](Scheduler&) { return Fib(size.n) == size.answer; });
}

}  // namespace tally::benchmarks::fib
