// From a closure to a published task: what Submit, Spawn and Invoke have in common.
#pragma once

#include <algorithm>
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

template <class W>
bool NodeExists(const Crew<W>& crew, NodeId node) {
  return node.valid() && node.index() < crew.injectors.size();
}

template <class W>
void TraceSpawn(Worker<W>& worker, const QueuedTask<W>& task, Place place, int peer) {
  if (!worker.tracer().on()) return;
  const Join<W>* const join = task.join.Read();
  worker.TraceSpawn(task, static_cast<int>(task.header.Read().priority),
                    join != nullptr ? join->join_id() : 0, place, peer);
}

// A running task sends one to a node's injector; `sent`: by name, to its mailbox.
template <class W>
void SpawnElsewhere(Worker<W>& worker, QueuedTask<W>* task, NodeId node, bool sent) {
  Join<W>* const join = task->join.Read();
  task->node.Write() = node;
  task->queued_at.Write() = W::Now();
  task->marks.Write().timed = true;
  if (join != nullptr) task->MakeClaimable();
  TraceSpawn(worker, *task, Place::kInjector, node.value());
  // The list first: the injector's taker may finish the task, and with it the group.
  if (join != nullptr) join->AddClaimable(task);
  worker.Inject(task, node, task->header.Read().priority, sent);
}

// A running task spawns. `join` == nullptr: detached. `part`: not a task of the user's, but a piece
// of one that has begun, for others to take: it is never dropped, and never run in place.
template <class W, class F>
void SpawnInside(Worker<W>& worker, Join<W>* join, F&& closure, const TaskOptions& options,
                 bool part = false) {
  QueuedTask<W>* const task = worker.free_list().Allocate();
  Priority priority =
      options.priority == TaskOptions::kInherit ? worker.frame().priority : options.priority;
  if (join != nullptr) priority = std::min(priority, join->Lent());  // who waits lends his
  task->header.Write() = {
      .name_hash = options.name.hash(), .priority = priority, .counted = join == nullptr};
  task->join.Write() = join;
  task->marks.Write() = {.part = part};
  try {
    task->Hold(std::forward<F>(closure), worker.crew().slabs, worker.node());
  } catch (...) {  // the closure's own copy, or no memory for it
    worker.free_list().Free(task);
    throw;
  }
  if (join != nullptr) {
    join->Add();
  } else {
    worker.CountAccepted();
  }
  if (worker.tracer().on()) task->id.Write() = worker.NextId(options.name);
  const bool sent = worker.crew().Keeps(options.node, priority);
  const bool elsewhere =
      sent || (NodeExists(worker.crew(), options.node) && options.node != worker.injector_node());
  if (!elsewhere && worker.HasRoom(priority)) {
    TraceSpawn(worker, *task, Place::kOwnDeque, worker.id().value());
    worker.Push(task, priority, /*for_others=*/part);
    return;
  }
  if (!elsewhere) worker.CountOverflow();
  if (!elsewhere && join != nullptr && !part) {
    // No room, so there is plenty to steal, or nobody to steal it: the child runs here and now.
    TraceSpawn(worker, *task, Place::kInline, worker.id().value());
    worker.Execute({task, static_cast<int>(priority), Place::kInline, false});
    return;
  }
  SpawnElsewhere(worker, task, elsewhere ? options.node : worker.injector_node(), sent);
}

template <class W>
void TraceSpawnOutside(Crew<W>& crew, QueuedTask<W>& task, NodeId node, Priority priority,
                       TaskName name) {
  const Join<W>* const join = task.join.Read();
  // relaxed: a serial number.
  task.id.Write() = Pedigree(0, crew.outside_tasks.fetch_add(1, std::memory_order_relaxed));
  crew.recorder->Name(name.hash(), name.text());
  crew.EmitOutside(EventKind::kSpawn, task.id.Read(), join != nullptr ? join->join_id() : 0,
                   name.hash(), node.value(), Event::Detail(priority, Place::kInjector));
}

// A thread that is no worker of `crew` spawns. False: the scheduler does not accept any more; then
// nothing has happened, and the closure is untouched. Throws what copying the closure throws.
template <class W, class F>
[[nodiscard]] bool SpawnOutside(Crew<W>& crew, Join<W>* join, F&& closure,
                                const TaskOptions& options) {
  const auto [task, rank, runs_low] = crew.entrance.Accept();
  const auto take_back = [&crew, task = task] {
    crew.entrance.TakeBack(task);
    crew.drained.Unpark();  // the count that Shutdown() may have seen was ours
  };
  // Pairs with the heavy fence in Shutdown(), between its store of Draining and its count of the
  // accepted. Either we see Draining, or Shutdown() waits for us.
  W::LightFence();
  if (crew.State() != CrewState::kRunning) {
    take_back();
    return false;
  }
  const Priority priority =
      options.priority == TaskOptions::kInherit ? Priority::kNormal : options.priority;
  task->header.Write() = {.name_hash = options.name.hash(), .priority = priority, .counted = true};
  task->join.Write() = join;
  try {
    task->Hold(std::forward<F>(closure), crew.slabs, NodeId());
  } catch (...) {
    take_back();
    throw;
  }
  if (join != nullptr) join->Add();
  const NodeId node = NodeExists(crew, options.node) ? options.node : crew.HomeFor(rank);
  task->node.Write() = node;
  const bool timed = SamplesQueueWait(rank);
  task->marks.Write() = {.timed = timed};
  if (timed) task->queued_at.Write() = W::Now();
  if (crew.recorder != nullptr) TraceSpawnOutside(crew, *task, node, priority, options.name);
  crew.InjectFromOutside(task, node, priority, crew.Keeps(options.node, priority));
  if (runs_low) [[unlikely]]
    crew.entrance.TopUp();
  return true;
}

}  // namespace tally::internal
