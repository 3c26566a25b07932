#include "benchmarks/fib/fib.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::fib {
namespace {

int64_t Fib(int n) { return n < 2 ? n : Fib(n - 1) + Fib(n - 2); }

}  // namespace

Measured Serial(const Setting& setting) {
  const Size size = SizeOf(setting);
  return MedianNanosPer(size.forks, setting, [n = size.n, answer = size.answer] {
    volatile int unknown = n;  // or the compiler would compute it
    return Fib(unknown) == answer;
  });
}

}  // namespace tally::benchmarks::fib
