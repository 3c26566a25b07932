#include <cstdio>

#include "scheduler/scheduler.h"

int64_t Fib(int n) {
  if (n < 2) return n;
  auto [a, b] = tally::Invoke([n] { return Fib(n - 1); }, [n] { return Fib(n - 2); });
  return a + b;
}

int main() {
  auto scheduler = tally::Scheduler::Create();  // a worker per CPU, bound, nearest-first stealing
  if (!scheduler.ok()) return 1;
  tally::TaskGroup group(**scheduler);
  int64_t result = 0;
  group.Spawn([&] { result = Fib(30); }, {.priority = tally::Priority::kHigh, .name = "fib"});
  group.Wait();
  std::printf("%lld\n", static_cast<long long>(result));
}
