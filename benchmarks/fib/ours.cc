#include "benchmarks/fib/fib.h"
#include "benchmarks/harness/on_tally.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::fib {
namespace {

int64_t Fib(int n) {
  if (n < 2) return n;
  const auto [a, b] = Invoke([n] { return Fib(n - 1); }, [n] { return Fib(n - 2); });
  return a + b;
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(size.forks, setting, [&size](Scheduler&) { return Fib(size.n) == size.answer; });
}

}  // namespace tally::benchmarks::fib
