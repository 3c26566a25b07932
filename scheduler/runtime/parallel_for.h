// ParallelFor: a loop over [first, last), split in halves down to a grain.
#pragma once

#include <algorithm>
#include <cstdint>

#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"

namespace tally {

struct LoopOptions {
  int64_t grain = 0;  // iterations that are not split further; <= 0: about 8 pieces per worker
  TaskName name = "loop";
};

namespace internal {

template <class W, class Body>
void SplitLoop(int64_t first, int64_t last, int64_t grain, const Body& body, TaskName name) {
  if (last - first <= grain) {
    for (int64_t i = first; i < last; ++i) body(i);
    return;
  }
  const int64_t middle = first + (last - first) / 2;
  Invoke<W>([&] { SplitLoop<W>(first, middle, grain, body, name); },
            [&] { SplitLoop<W>(middle, last, grain, body, name); }, name);
}

}  // namespace internal

// Calls `body(i)` once for each i in [first, last), in any order and in parallel; returns when all
// calls are over. The first exception is thrown here; iterations of pieces that had not started may
// then be skipped. Callable from tasks and from outside threads.
template <class W, class Body>
void ParallelFor(BasicScheduler<W>& scheduler, int64_t first, int64_t last, const Body& body,
                 LoopOptions options = {}) {
  if (first >= last) return;
  const int64_t pieces = 8 * int64_t{scheduler.workers()};
  const int64_t grain =
      options.grain > 0 ? options.grain : std::max<int64_t>(1, (last - first) / pieces);
  const auto loop = [&] { internal::SplitLoop<W>(first, last, grain, body, options.name); };
  if (scheduler.OnWorker()) {
    loop();
    return;
  }
  BasicTaskGroup<W> group(scheduler);
  group.Spawn(loop, {.name = options.name});
  group.Wait();
}

}  // namespace tally
