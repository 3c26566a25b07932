// Tally's public header: a NUMA-aware work-stealing task scheduler.
//
//   absl::StatusOr<std::unique_ptr<tally::Scheduler>> s = tally::Scheduler::Create({.workers = 8});
//   tally::TaskGroup group(**s);
//   group.Spawn([] { ... }, {.priority = tally::Priority::kHigh, .name = "parse"});
//   group.Wait();
//   auto [a, b] = tally::Invoke([=] { return Fib(n - 1); }, [=] { return Fib(n - 2); });
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/keep_hot.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/parallel_reduce.h"
#include "scheduler/runtime/should_yield.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/stop_token.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "scheduler/world/real_world.h"

namespace tally {

using Scheduler = BasicScheduler<RealWorld>;
using TaskGroup = BasicTaskGroup<RealWorld>;
using BlockingScope = BasicBlockingScope<RealWorld>;
using KeepHot = BasicKeepHot<RealWorld>;

// See runtime/invoke.h.
template <std::invocable... Fs>
TALLY_INLINE auto Invoke(Fs&&... fs) {
  return Invoke<RealWorld>(std::forward<Fs>(fs)...);
}
template <std::invocable... Fs>
TALLY_INLINE auto Invoke(TaskName name, Fs&&... fs) {
  return Invoke<RealWorld>(name, std::forward<Fs>(fs)...);
}

// On the scheduler whose task calls this; else here, in order. See runtime/parallel_for.h and
// runtime/parallel_reduce.h, also for the same with a scheduler as the first argument.
//
//   tally::ParallelFor(0, 1000, [&](int i) { ... }, {.grain = 10});
//   tally::ParallelFor(vector, [](Element& element) { ... });
//   double sum = tally::ParallelReduce(numbers, 0.0, [](double x) { return x * x; }, std::plus());
template <class First, class Last, class Body>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
bool ParallelFor(First first, Last last, const Body& body, const LoopOptions& options = {}) {
  return ParallelFor<RealWorld>(first, last, body, options);
}
template <LoopRange R, class Body>
bool ParallelFor(R&& range, const Body& body, const LoopOptions& options = {}) {
  return ParallelFor<RealWorld>(range, body, options);
}
template <class First, class Last, class T, class Map, class Combine>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
[[nodiscard]] T ParallelReduce(First first, Last last, T identity, const Map& map,
                               const Combine& combine, const LoopOptions& options = {}) {
  return ParallelReduce<RealWorld>(first, last, std::move(identity), map, combine, options);
}
template <LoopRange R, class T, class Map, class Combine>
[[nodiscard]] T ParallelReduce(R&& range, T identity, const Map& map, const Combine& combine,
                               const LoopOptions& options = {}) {
  return ParallelReduce<RealWorld>(range, std::move(identity), map, combine, options);
}

// See runtime/should_yield.h.
inline bool ShouldYield() { return ShouldYield<RealWorld>(); }

// See runtime/touch.h.
inline void Touch(const void* pointer, size_t bytes) { Touch<RealWorld>(pointer, bytes); }

}  // namespace tally
