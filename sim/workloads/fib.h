// fib: the smallest useful fork-join program. Two million forks a second are its only content.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/task_group.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kFib{
    .name = "fib",
    .help = "Fibonacci numbers by naive recursion: nothing but forks and joins",
    .size_means = "which Fibonacci number",
    .default_size = 25,
    .min_size = 1,
    .max_size = 40};

template <class W>
uint64_t FibTask(uint64_t n) {
  W::Charge(2);  // measured: a call of the recursion without forks takes 2.2 to 2.7 ns
  if (n < 2) return n;
  const auto [left, right] = Invoke<W>(
      "fib", [n] { return FibTask<W>(n - 1); }, [n] { return FibTask<W>(n - 2); });
  return left + right;
}

template <class W>
absl::StatusOr<WorkloadResult> RunFib(uint64_t n, BasicScheduler<W>& scheduler) {
  WorkloadResult result;
  BasicTaskGroup<W> group(scheduler);
  group.Spawn([n, &result] { result.answer = FibTask<W>(n); }, {.name = "fib"});
  group.Wait();
  uint64_t next = 1;
  for (uint64_t i = 0; i < n; ++i) {
    const uint64_t sum = result.expected + next;
    result.expected = next;
    next = sum;
  }
  return result;
}

}  // namespace tally::workloads
