// How a worker runs a task, and what comes after it. Part of worker.h.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

#include "scheduler/runtime/worker.h"

namespace tally {

// While it lives, the worker runs a task, whose frame lies here.
template <class W>
class Worker<W>::Running {
 public:
  Running(Worker& worker, const Task<W>& task, int level, Place place, const Lineage& lineage)
      : worker_(worker),
        below_(worker.frame_),
        detail_(Event::Detail(static_cast<Priority>(level), place)) {
    frame_.deque = &worker.deques_[level];
    frame_.priority = static_cast<Priority>(level);
    // Not by NextIndexes(): GCC copies what that returns by 16 bytes, of two stores each, for which
    // the CPU waits.
    for (int l = 0; l < kPriorities; ++l) frame_.began[l] = worker.deques_[l].NextIndex();
    frame_.lineage = lineage;
    if (worker.crew_.count_touches) frame_.name_hash = task.header.Read().name_hash;
    if (worker.tracer_.on()) {
      frame_.id = task.id.Read();
      worker.tracer_.Emit(EventKind::kBegin, frame_.id, 0, task.header.Read().name_hash, -1,
                          detail_);
    }
    worker.frame_ = &frame_;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (worker_.tracer_.on()) {
      worker_.tracer_.Emit(EventKind::kEnd, frame_.id, 0, dropped_ ? 1 : 0, -1, detail_);
    }
    if (at_bottom_) worker_.tenure_.Set(tenure_below_);
    worker_.frame_ = below_;
  }

  // The task may not descend from what runs below it: others are told from where on they may help.
  // `mates`: so do these, which are of its group, see Found.
  void AtBottom(int level, int64_t mates) {
    // Nobody waits for a detached task, and nobody looks for what a blank record shows.
    if (frame_.lineage[0] == 0 && worker_.tenure_.IsBlank()) return;
    DequeIndexes began = frame_.began;
    began[level] = std::min(began[level], mates);
    tenure_below_ = worker_.tenure_.Set({.lineage = frame_.lineage, .began = began});
    at_bottom_ = true;
  }
  // It descends from the task below, of which it is a part: so does all that was there before it.
  void PartOfBelow() { frame_.began = below_->began; }
  void Dropped() { dropped_ = true; }
  // Somebody as urgent as this waits for it: so is what it spawns.
  void AtLeast(Priority lent) {
    if (lent >= frame_.priority) return;
    frame_.priority = lent;
    frame_.deque = &worker_.DequeOf(lent);
  }

 private:
  Worker& worker_;
  Frame<W>* const below_;
  const uint8_t detail_;
  bool at_bottom_ = false;
  bool dropped_ = false;
  Frame<W> frame_;
  typename Tenure<W>::Record tenure_below_;
};

template <class W>
void Worker<W>::Execute(const Found& found) {
  if (found.task->header.Read().fork) {
    ExecuteFork(static_cast<Fork<W>*>(found.task), found);
  } else {
    ExecuteQueued(static_cast<QueuedTask<W>*>(found.task), found);
  }
}

// In its parent's stead. A cancelled shutdown does not drop it: it is a part of its parent, which
// has begun.
template <class W>
void Worker<W>::ExecuteFork(Fork<W>* fork, const Found& found) {
  // In the own deque lie only forks whose parents wait on this stack: nobody steals one into his.
  if (found.place == Place::kOwnDeque) fork->set_index(kRanInWait);
  std::exception_ptr thrown;
  {
    Running running(*this, *fork, found.level, found.place, fork->Begin(NewSerial()));
    if (found.bottom) running.AtBottom(found.level, kNoMates);
    try {
      fork->header.Read().closure(fork, Task<W>::Act::kRun);
    } catch (...) {
      thrown = std::current_exception();
    }
    counters_.executed[found.level].Add(1);
  }
  const WorkerId waiter = fork->Finish(std::move(thrown));
  if (waiter.valid()) Wake(waiter);
}

template <class W>
void Worker<W>::ExecuteQueued(QueuedTask<W>* task, const Found& found) {
  Join<W>* const join = task->join.Read();
  const typename Task<W>::Closure closure = task->header.Read().closure;
  {
    Running running(*this, *task, found.level, found.place,
                    join != nullptr ? join->lineage() : Lineage{});
    if (found.bottom) running.AtBottom(found.level, found.mates);
    if (join != nullptr) running.AtLeast(join->Lent());
    if (!task->marks.Read().part && MustDrop(join)) {
      running.Dropped();
      closure(task, Task<W>::Act::kDrop);
    } else {
      try {
        closure(task, Task<W>::Act::kRun);
      } catch (...) {
        KeepException(join);
      }
      counters_.executed[found.level].Add(1);
    }
  }
  Retire(task);
}

// Whether a task of this group that has not begun is to be dropped; if so, counts it.
template <class W>
bool Worker<W>::MustDrop(Join<W>* join) {
  // relaxed: a cancelled shutdown drops what has not started, sooner or later.
  const bool shutdown = crew_.cancelled.load(std::memory_order_relaxed) != 0;
  if (!shutdown && (join == nullptr || !join->StopRequested())) return false;
  if (shutdown) {
    crew_.dropped.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  } else {
    counters_.skipped.Add(1);
  }
  if (join != nullptr) join->Skip();
  return true;
}

template <class W>
bool Worker<W>::TakeBack(Fork<W>& fork) {
  const int level = Level(frame_->priority);
  const int64_t index = fork.index();
  if (index == kNotPushed) {
    if (tracer_.on()) TraceSpawn(fork, level, fork.join_id(), Place::kInline, id_.value());
    return true;
  }
  if (index == kRanInWait) return false;
  while (Task<W>* task = frame_->deque->Pop(index < 0 ? ~index : index)) {
    TraceDepth();
    if (task == &fork) return true;
    Execute({task, level, Place::kOwnDeque, false});
  }
  TraceDepth();
  return false;
}

template <class W>
template <class F>
auto Worker<W>::RunInPlace(const Fork<W>& fork, const F& run) {
  counters_.executed_inline.Add(1);
  if (!tracer_.on()) return run();
  Running running(*this, fork, Level(frame_->priority),
                  fork.index() == kNotPushed ? Place::kInline : Place::kOwnDeque, frame_->lineage);
  running.PartOfBelow();
  return run();
}

template <class W>
void Worker<W>::KeepException(Join<W>* join) {
  if (join != nullptr) {
    join->Keep(std::current_exception());
    return;
  }
  crew_.KeepUncaught(std::current_exception());
}

// The task is over: frees it and tells whoever waits, or leaves that to Settle(). `task` and its
// group may be gone afterwards.
template <class W>
void Worker<W>::Retire(QueuedTask<W>* task) {
  Join<W>* const join = task->join.Read();
  const typename Task<W>::Header header = task->header.Read();
  if (header.claimable) {
    Release(task);
  } else {
    free_list_.Free(task);
  }
  if (join != nullptr) {
    if (frame_ == &idle_) {
      unsettled_ = {join, unsettled_.tasks + 1};  // see SettleBefore()
    } else {
      FinishTasks(*join, 1);
    }
  }
  if (header.counted) CountOne(finished_);
}

// Afterwards the group may be gone.
template <class W>
void Worker<W>::FinishTasks(Join<W>& join, uint64_t tasks) {
  const typename Join<W>::Waiter waiter = join.Finish(tasks);
  if (waiter.worker.valid()) Wake(waiter.worker);
  if (waiter.outside != nullptr) waiter.outside->Unpark();
}

template <class W>
void Worker<W>::Release(QueuedTask<W>* task) {
  if (task->LeavePlace()) free_list_.Free(task);
}

}  // namespace tally
