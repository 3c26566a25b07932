// From a closure to a published task: what Submit, Spawn and Invoke have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "numa/ids.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task.h"
#include "scheduler/runtime/tracer.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally::internal {

// The calling thread as a worker of `crew`; nullptr for everybody else's threads.
template <class W>
Worker<W>* WorkerOf(const Crew<W>& crew) {
  Worker<W>* worker = Worker<W>::Current();
  return worker != nullptr && &worker->crew() == &crew ? worker : nullptr;
}

// The id of the running task's next child, announcing its name; 0 unless recording.
template <class W>
TaskId NextId(Worker<W>& worker, TaskName name) {
  if (!worker.tracer().on()) return 0;
  worker.tracer().Name(name);
  return Pedigree(worker.frame().id, worker.frame().spawns++);
}

template <class W>
void TraceSpawn(Worker<W>& worker, const typename Task<W>::Body& body, Place place, int peer) {
  if (!worker.tracer().on()) return;
  worker.tracer().Emit(EventKind::kSpawn, body.id, body.join != nullptr ? body.join->id() : 0,
                       body.name_hash, peer, Event::Detail(body.priority, place));
}

template <class W>
bool NodeExists(const Crew<W>& crew, NodeId node) {
  return node.valid() && node.index() < crew.injectors.size();
}

// A running task spawns. `join` == nullptr: detached. `part`: not a task of the user's, but a piece
// of one that has begun, for others to take: it is never dropped, and never run in place.
template <class W, class F>
void SpawnInside(Worker<W>& worker, Join<W>* join, F&& closure, const TaskOptions& options,
                 bool part = false) {
  Task<W>* task = worker.free_list().Allocate();
  typename Task<W>::Body& body = task->body.Write();
  const Priority priority =
      options.priority == TaskOptions::kInherit ? worker.frame().priority : options.priority;
  body = {.join = join, .name_hash = options.name.hash(), .priority = priority, .part = part};
  try {
    task->Hold(std::forward<F>(closure));
  } catch (...) {  // the closure's own copy, or no memory for it
    worker.free_list().Free(task);
    throw;
  }
  body.id = NextId(worker, options.name);
  if (join != nullptr) {
    join->Add();
  } else {
    body.counted = true;
    worker.CountAccepted();
  }
  const bool elsewhere =
      NodeExists(worker.crew(), options.node) && options.node != worker.injector_node();
  if (!elsewhere && worker.HasRoom(priority)) {
    TraceSpawn(worker, body, Place::kOwnDeque, worker.id().value());
    worker.Push(task, priority);
    return;
  }
  if (!elsewhere) worker.CountOverflow();
  if (!elsewhere && join != nullptr && !part) {
    // The deque is full, so there is plenty to steal: the child runs here and now.
    TraceSpawn(worker, body, Place::kInline, worker.id().value());
    worker.Execute({task, Place::kInline, false});
    return;
  }
  const NodeId node = elsewhere ? options.node : worker.injector_node();
  body.node = node;
  if (join != nullptr) {
    body.claimable = true;
    task->claimed.store(0, std::memory_order_relaxed);     // published by the two pushes below
    task->references.store(2, std::memory_order_relaxed);  // likewise
  }
  TraceSpawn(worker, body, Place::kInjector, node.value());
  // The list first: the injector's taker may finish the task, and with it the group.
  if (join != nullptr) join->AddClaimable(task);
  worker.Inject(task, node, priority);
}

// A thread that is no worker of `crew` spawns. False: the scheduler does not accept any more; then
// nothing has happened, and the closure is untouched. Throws what copying the closure throws.
template <class W, class F>
[[nodiscard]] bool SpawnOutside(Crew<W>& crew, Join<W>* join, F&& closure,
                                const TaskOptions& options) {
  // seq_cst, both: pairs with Shutdown()'s store of Draining and its count of the accepted. Either
  // we see Draining, or Shutdown() waits for us.
  crew.accepted_outside.fetch_add(1, std::memory_order_seq_cst);
  const auto take_back = [&crew] {
    crew.accepted_outside.fetch_sub(1, std::memory_order_relaxed);
    crew.drained.Unpark();  // the count that Shutdown() may have seen was ours
  };
  if (crew.state.load(std::memory_order_seq_cst) != CrewState::kRunning) {
    take_back();
    return false;
  }
  const Priority priority =
      options.priority == TaskOptions::kInherit ? Priority::kNormal : options.priority;
  std::unique_ptr<Task<W>> held;
  try {
    held.reset(new Task<W>);  // not zeroed
    held->body.Write() = {
        .join = join, .name_hash = options.name.hash(), .priority = priority, .counted = true};
    held->Hold(std::forward<F>(closure));
  } catch (...) {
    take_back();
    throw;
  }
  Task<W>* const task = held.release();
  typename Task<W>::Body& body = task->body.Write();
  if (join != nullptr) join->Add();
  NodeId node = options.node;
  if (!NodeExists(crew, node)) {
    // relaxed: any spread will do.
    const uint64_t next = crew.next_node.fetch_add(1, std::memory_order_relaxed);
    node = NodeId(static_cast<int32_t>(next % crew.injectors.size()));
  }
  body.node = node;
  if (crew.recorder != nullptr) {
    // relaxed: a serial number.
    body.id = Pedigree(0, crew.outside_tasks.fetch_add(1, std::memory_order_relaxed));
    crew.recorder->Name(options.name.hash(), options.name.text());
    crew.EmitOutside(EventKind::kSpawn, body.id, join != nullptr ? join->id() : 0, body.name_hash,
                     node.value(), Event::Detail(priority, Place::kInjector));
  }
  crew.InjectFromOutside(task, node, priority);
  return true;
}

}  // namespace tally::internal
