// Invoke: run two closures, perhaps in parallel. The fork-join primitive.
#pragma once

#include <cstdint>
#include <exception>
#include <limits>
#include <utility>

#include "scheduler/runtime/join.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/task.h"
#include "scheduler/runtime/tenure.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally {

// Runs `f()` here; `g()` here afterwards, or in parallel on a worker that steals it. Returns when
// both are over. On a thread that is no worker: f(), then g(). If `f` throws and `g` has not
// started, `g` is skipped; the first exception is thrown here. Work-first, after Frigo, Leiserson
// and Randall, "The implementation of the Cilk-5 multithreaded language", PLDI 1998; the child
// lives in this frame.
template <class W, class F, class G>
void Invoke(F&& f, G&& g, TaskName name = "invoke") {
  Worker<W>* const worker = Worker<W>::Current();
  if (worker == nullptr) {
    f();
    g();
    return;
  }
  Join<W> join(1);
  Task<W> child;
  typename Task<W>::Body& body = child.body.Write();
  const Priority priority = worker->frame().priority;
  body = {.join = &join, .name_hash = name.hash(), .priority = priority, .on_stack = true};
  child.Hold([&g] { g(); });
  body.id = internal::NextId(*worker, name);
  join.set_id(body.id);
  join.set_lineage(worker->NewLineage());
  const TaskId id = body.id;

  std::exception_ptr thrown;
  const auto run_child = [&] {
    if (thrown != nullptr) return;
    try {
      g();
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  if (!worker->HasRoom(priority)) {
    worker->CountOverflow();
    f();
    internal::TraceSpawn(*worker, body, Place::kInline, worker->id().value());
    worker->RunInPlace(id, name.hash(), priority, Place::kInline, run_child);
  } else {
    const int64_t index = worker->NextIndex(priority);
    internal::TraceSpawn(*worker, body, Place::kOwnDeque, worker->id().value());
    worker->Push(&child, priority);
    try {
      f();
    } catch (...) {
      thrown = std::current_exception();
    }
    if (worker->PopChild(&child, priority, index)) {
      worker->RunInPlace(id, name.hash(), priority, Place::kOwnDeque, run_child);
    } else {
      // Stolen; and with it everything older of this level. What `f` left behind of other levels is
      // not ours to run.
      DequeIndexes since;
      since.fill(std::numeric_limits<int64_t>::max());
      since[static_cast<int>(priority)] = index;
      worker->HelpUntil(join, since);
      if (thrown == nullptr) join.Rethrow();
    }
  }
  if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace tally
