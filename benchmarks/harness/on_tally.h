// Runs a function inside Tally, as a user would: every option is its default but the worker count.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks {

inline absl::StatusOr<std::unique_ptr<Scheduler>> StartTally(const Setting& setting) {
  return Scheduler::Create({.workers = setting.workers});
}

// Calls `body(i)` for each i of [first, last), each in parallel with the others: halves, by forks.
template <class Body>
void ForkEach(int first, int last, const Body& body) {
  if (last - first == 1) return body(first);
  const int middle = first + (last - first) / 2;
  Invoke([first, middle, &body] { ForkEach(first, middle, body); },
         [middle, last, &body] { ForkEach(middle, last, body); });
}

// `root(scheduler)` says whether its answer was right. Measured from outside: with the hand-over
// to a worker, and the way back.
template <class Root>
Measured OnTally(double units, const Setting& setting, const Root& root) {
  const absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = StartTally(setting);
  if (!scheduler.ok()) return scheduler.status();
  return MedianNanosPer(units, setting, [&] {
    bool right = false;
    TaskGroup group(**scheduler);
    group.Spawn([&] { right = root(**scheduler); });
    group.Wait();
    return right;
  });
}

}  // namespace tally::benchmarks
