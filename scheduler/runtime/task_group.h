// TaskGroup: spawn tasks, then wait for all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/spawn_batch.h"
#include "scheduler/runtime/stop_token.h"
#include "scheduler/runtime/tenure.h"
#include "scheduler/runtime/tracer.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally {

// Any thread may spawn into a group, tasks of the group too; one thread waits. A worker that waits
// helps, but only with tasks that descend from the waiting one, so a lock held across Wait() cannot
// meet itself. Must not outlive its scheduler.
template <class W>
class BasicTaskGroup {
 public:
  explicit BasicTaskGroup(BasicScheduler<W>& scheduler) : crew_(scheduler.crew_) {
    Worker<W>* const worker = internal::WorkerOf(crew_);
    if (worker != nullptr) {
      maker_ = worker->id();
      since_ = worker->NextIndexes();
      join_.set_lineage(worker->NewLineage());
      if (crew_.recorder == nullptr) return;
      join_.set_id(GroupPedigree(worker->frame().id, worker->frame().groups++));
    } else {
      // relaxed: a serial number.
      const uint64_t rank = crew_.outside_groups.fetch_add(1, std::memory_order_relaxed);
      join_.set_lineage(Descend({}, OutsideSerial(rank)));
      join_.set_id(GroupPedigree(0, rank));
    }
  }
  BasicTaskGroup(const BasicTaskGroup&) = delete;
  BasicTaskGroup& operator=(const BasicTaskGroup&) = delete;

  // Waits, if Wait() was not called; an exception that nobody asked for is dropped.
  ~BasicTaskGroup() {
    if (!join_.Done() || join_.HasClaimable()) WaitForAll();
  }

  // Runs `closure()` some time before Wait() returns. Never refused: once the scheduler has shut
  // down, the closure runs here and now. A node that does not exist counts as any.
  template <class F>
  void Spawn(F&& closure, const TaskOptions& options = {}) {
    if (Worker<W>* worker = internal::WorkerOf(crew_)) {
      internal::SpawnInside(*worker, &join_, std::forward<F>(closure), options);
    } else if (!internal::SpawnOutside(crew_, &join_, std::forward<F>(closure), options)) {
      RunHere(closure);
    }
  }

  // Spawns `count` tasks that call body(0) to body(count - 1), each with a copy of `body`; none if
  // count <= 0. Costs as Scheduler::SubmitBatch(); refused as Spawn(), so never.
  template <class F>
  void SpawnBatch(int64_t count, const F& body, const TaskOptions& options = {}) {
    if (internal::SpawnBatch(crew_, &join_, count, body, options)) return;
    for (int64_t i = 0; i < count; ++i) {
      RunHere([copy = body, i]() mutable { copy(i); });
    }
  }

  // Tasks of the group that have not begun are skipped (their closures only destroyed), until
  // Wait() returns; running ones see it in their StopToken. From any thread, as often as you like.
  void RequestStop() { join_.RequestStop(); }
  StopToken stop_token() const { return StopToken(join_); }

  // Returns when every task of the group is over: true if all have run, false if some were skipped,
  // because of RequestStop() or a cancelled shutdown. The first exception that left one of them is
  // thrown here; it has also made those skipped that had not begun. Afterwards the group can be
  // used again.
  bool Wait() {
    WaitForAll();
    const bool all_ran = join_.TakeStop();
    join_.Rethrow();
    return all_ran;
  }

 private:
  // Apart from the workers' serial numbers, see Worker::NewLineage().
  static constexpr uint64_t OutsideSerial(uint64_t rank) {
    return (rank + 1) * kMaxWorkers * 2 + kMaxWorkers;
  }

  // On a thread outside, of a scheduler that accepts no more. Another thread may be waiting.
  template <class F>
  void RunHere(F&& closure) {
    join_.Add();
    if (join_.StopRequested()) {
      join_.Skip();
    } else {
      try {
        closure();
      } catch (...) {
        join_.Keep(std::current_exception());
      }
    }
    const typename Join<W>::Waiter waiter = join_.Finish();
    if (waiter.worker.valid()) crew_.At(waiter.worker).Nudge();
    if (waiter.outside != nullptr) waiter.outside->Unpark();
  }

  // From where on the worker's own deques hold what the waiting task may run: spawned since the
  // group was made, and since that task began (it may be another one than the group's maker).
  DequeIndexes Since(Worker<W>& worker) const {
    DequeIndexes since = worker.frame().began;
    if (worker.id() != maker_) return since;
    for (int level = 0; level < kPriorities; ++level) {
      since[level] = std::max(since[level], since_[level]);
    }
    return since;
  }

  void WaitForAll() {
    if (Worker<W>* worker = internal::WorkerOf(crew_)) {
      if (!join_.Done()) join_.Lend(worker->frame().priority);
      worker->HelpUntil(join_, Since(*worker));
      join_.Lend(Priority::kLow);
      return;
    }
    if (crew_.recorder != nullptr) {
      crew_.EmitOutside(EventKind::kWaitBegin, 0, join_.join_id(), 0, -1, 0);
    }
    if (crew_.spares->AnyMayHelp() && Worker<W>::Current() == nullptr) HelpFromOutside();
    while (!join_.Done()) {
      const BasicBlockingScope<W> scope;  // we may be another scheduler's worker
      join_.ParkOutside();
    }
    crew_.ReleaseClaimable(join_);
    if (crew_.recorder != nullptr) {
      crew_.EmitOutside(EventKind::kWaitEnd, 0, join_.join_id(), 0, -1, 0);
    }
  }

  // Only what all workers are too busy for: else they would be robbed of it.
  void HelpFromOutside() {
    const IdleFacts idle = crew_.sleepers.PeekFacts();
    if (idle.sleeping + idle.searching != 0 || join_.Done() || crew_.Stopping()) return;
    Worker<W>* const spare = crew_.spares->BeginHelp();
    if (spare == nullptr) return;
    spare->HelpFromOutside(join_);
    crew_.spares->EndHelp(*spare);
  }

  Crew<W>& crew_;
  WorkerId maker_;      // the worker that made the group, if one did
  DequeIndexes since_;  // its deques then
  Join<W> join_;
};

}  // namespace tally
