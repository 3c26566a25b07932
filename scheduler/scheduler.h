// Tally's public header: a NUMA-aware work-stealing task scheduler.
//
//   absl::StatusOr<std::unique_ptr<tally::Scheduler>> s = tally::Scheduler::Create({.workers = 8});
//   tally::TaskGroup group(**s);
//   group.Spawn([] { ... }, {.priority = tally::Priority::kHigh, .name = "parse"});
//   group.Wait();
#pragma once

#include <cstddef>
#include <utility>

#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/keep_hot.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "scheduler/world/real_world.h"

namespace tally {

using Scheduler = BasicScheduler<RealWorld>;
using TaskGroup = BasicTaskGroup<RealWorld>;
using KeepHot = BasicKeepHot<RealWorld>;

// See runtime/invoke.h.
template <class F, class G>
void Invoke(F&& f, G&& g, TaskName name = "invoke") {
  Invoke<RealWorld>(std::forward<F>(f), std::forward<G>(g), name);
}

// See runtime/touch.h.
inline void Touch(const void* pointer, size_t bytes) { Touch<RealWorld>(pointer, bytes); }

}  // namespace tally
