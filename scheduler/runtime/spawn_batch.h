// Many tasks at once: what an outside thread pays per task, a batch pays once, or once per node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "numa/ids.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/task.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally::internal {

// An outside thread's tasks that are accepted and not published yet, oldest first. What is never
// published is dropped and taken back.
template <class W>
class Batch {
 public:
  // Throws std::bad_alloc, and then nothing has happened.
  Batch(Crew<W>& crew, uint64_t tasks) : crew_(crew), left_(tasks) {
    const auto accepted = crew.entrance.AcceptBatch(tasks);
    first_ = accepted.cell;
    rank_ = accepted.rank;
    // As in SpawnOutside(): either we see Draining, or Shutdown() waits for us.
    W::LightFence();
    granted_ = crew.State() == CrewState::kRunning;
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    if (left_ == 0) return;
    QueuedTask<W>* task = first_;
    for (; held_ > 0; --held_) {
      task->header.Read().closure(task, Task<W>::Act::kDrop);
      task = static_cast<QueuedTask<W>*>(task->next.Read());
    }
    crew_.entrance.TakeBackBatch(first_, left_);
    crew_.drained.Unpark();  // the count that Shutdown() may have seen was ours
  }

  // False: the scheduler does not accept any more.
  bool granted() const { return granted_; }

  // Puts closures that call body(0), body(1), ... into all of them. Throws what copying `body`
  // throws.
  template <class F>
  void Hold(Join<W>* join, const F& body, Priority priority, TaskName name) {
    const Nanos now = W::Now();
    QueuedTask<W>* task = first_;
    for (int64_t i = 0; task != nullptr; ++i) {
      task->header.Write() = {.name_hash = name.hash(), .priority = priority, .counted = true};
      task->join.Write() = join;
      const bool timed = SamplesQueueWait(rank_ + static_cast<uint64_t>(i));
      task->marks.Write() = {.timed = timed};
      if (timed) task->queued_at.Write() = now;
      task->Hold([body = body, i]() mutable { body(i); }, crew_.slabs, NodeId());
      ++held_;
      task = static_cast<QueuedTask<W>*>(task->next.Read());
    }
  }

  // Publishes the `count` oldest of those left in one node's injector, or mailbox.
  void Publish(uint64_t count, NodeId node, const TaskOptions& options) {
    if (count == 0) return;
    const Priority priority = first_->header.Read().priority;
    QueuedTask<W>* const oldest = first_;
    QueuedTask<W>* newest = nullptr;
    Trail<Task<W>> trail;
    for (uint64_t i = 0; i < count; ++i) {
      newest = std::exchange(first_, static_cast<QueuedTask<W>*>(first_->next.Read()));
      newest->node.Write() = node;
      if (crew_.recorder != nullptr) {
        TraceSpawnOutside(crew_, *newest, node, priority, options.name);
      } else {
        trail.Follow(newest);
      }
    }
    left_ -= count;
    held_ -= count;
    const bool sent = crew_.Keeps(options.node, priority);
    const uint32_t spare = crew_.ReserveSpareFor(priority, node);
    crew_.PushChainTo(oldest, newest, static_cast<int64_t>(count), node, priority, sent);
    crew_.AfterInjecting(node, priority, sent, spare);
  }

 private:
  Crew<W>& crew_;
  QueuedTask<W>* first_;
  uint64_t rank_;
  uint64_t left_;
  uint64_t held_ = 0;  // the first so many have closures
  bool granted_;
};

// From outside. False: the scheduler does not accept any more, and nothing has happened. Throws
// what copying `body` throws, and then nothing has happened either.
template <class W, class F>
[[nodiscard]] bool SpawnBatchOutside(Crew<W>& crew, Join<W>* join, uint64_t count, const F& body,
                                     const TaskOptions& options) {
  Batch<W> batch(crew, count);
  if (!batch.granted()) return false;
  const Priority priority =
      options.priority == TaskOptions::kInherit ? Priority::kNormal : options.priority;
  batch.Hold(join, body, priority, options.name);
  if (join != nullptr) join->Add(count);
  if (NodeExists(crew, options.node)) {
    batch.Publish(count, options.node, options);
    return true;
  }
  const uint64_t nodes = crew.fed_nodes.size();
  for (uint64_t n = 0, first = 0; n < nodes; ++n) {
    const uint64_t last = count / nodes * (n + 1) + count % nodes * (n + 1) / nodes;
    batch.Publish(last - first, crew.fed_nodes[n], options);
    first = last;
  }
  return true;
}

// From anywhere. False as above. A task's own batch goes to its worker's deque, one by one: others
// see the first of them at once. Then, if copying `body` throws, the ones before are there.
template <class W, class F>
[[nodiscard]] bool SpawnBatch(Crew<W>& crew, Join<W>* join, int64_t count, const F& body,
                              const TaskOptions& options) {
  if (count <= 0) return true;
  Worker<W>* const worker = WorkerOf(crew);
  if (worker == nullptr) {
    return SpawnBatchOutside(crew, join, static_cast<uint64_t>(count), body, options);
  }
  for (int64_t i = 0; i < count; ++i) {
    SpawnInside(
        *worker, join, [body = body, i]() mutable { body(i); }, options);
  }
  return true;
}

}  // namespace tally::internal
