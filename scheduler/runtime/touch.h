// Touch: a task declares the memory it uses.
#pragma once

#include <cstddef>
#include <cstdint>

#include "numa/ids.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally {

// The running task uses `bytes` from `pointer` on. The home of the first page counts for all of
// them, so declare what lies on different nodes separately. Recorded, and counted in Stats(), by
// worker, home and the task's name; a simulated world charges what the access costs. Outside tasks
// it does nothing. In the real world the kernel is only asked while somebody records or counts
// (SchedulerOptions::count_touches).
template <class W>
void Touch(const void* pointer, size_t bytes) {
  Worker<W>* const worker = Worker<W>::Current();
  if (worker == nullptr) return;
  NodeId home = W::Touch(pointer, bytes);
  if (!worker->crew().count_touches) return;
  if (!W::kSimulated) home = worker->crew().homes.HomeOf(pointer);
  worker->touches().Add(home, bytes, worker->frame().name_hash);
  if (!worker->tracer().on()) return;
  worker->tracer().Emit(EventKind::kTouch, worker->frame().id, bytes, 0, home.value(), 0);
}

}  // namespace tally
