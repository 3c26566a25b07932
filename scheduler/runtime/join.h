// Where the tasks of a group meet the one who waits for them.
//
// Conflict: the last task must wake the waiter, but the waiter owns this object and may be gone as
// soon as it sees that nothing is pending. Idea: who waits is part of the same word as how many are
// pending, so the last task learns both with its one decrement and then touches no memory of ours.
// An outside waiter's parker is on its stack; it therefore never leaves before its token has come.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

#include "numa/ids.h"
#include "scheduler/runtime/frame.h"
#include "scheduler/runtime/task.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Join {
 public:
  using Parker = typename W::Parker;

  // Whom the last task has to wake.
  struct Waiter {
    WorkerId worker{};          // valid: that worker is parked in its wait
    Parker* outside = nullptr;  // not nullptr: an outside thread is parked there
  };

  explicit Join(uint64_t pending = 0) : state_(line_, pending) {}
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;

  // Of the group, in recordings; 0 unless recording.
  uint64_t join_id() const { return id_; }
  void set_id(uint64_t id) { id_ = id; }

  // Before the first task is added.
  void set_lineage(const Lineage& lineage) { lineage_ = lineage; }
  const Lineage& lineage() const { return lineage_; }
  uint64_t serial() const { return lineage_[0]; }

  // --- tasks ------------------------------------------------------------------------------------

  // Before the tasks are published. relaxed: publishing them orders this too.
  void Add(uint64_t tasks = 1) { state_.fetch_add(kOne * tasks, std::memory_order_relaxed); }

  // One task is over. Afterwards the object may be gone.
  [[nodiscard]] Waiter Finish() {
    uint64_t before = state_.load(std::memory_order_relaxed);
    bool last;
    do {
      last = (before & kPendingMask) == kOne;
      // The last one takes the waiter along: should another thread spawn before the waiter has
      // woken, the group ends a second time, and nobody may touch the waiter twice.
      // acq_rel: release publishes what the task did to the waiter's acquire in Done(); acquire so
      // that the last one has seen the others' work.
    } while (!state_.compare_exchange_strong(before, last ? 0 : before - kOne,
                                             std::memory_order_acq_rel, std::memory_order_relaxed));
    if (!last) return {};
    const uint64_t waiter = before >> kWaiterShift;
    if (waiter == 0) return {};
    // The outside waiter has not left: it waits for the token that we are about to give.
    if (waiter == kOutside) return {.worker = WorkerId(), .outside = outside_.Read()};
    return {.worker = WorkerId(static_cast<int32_t>(waiter - 1)), .outside = nullptr};
  }

  // The first exception of the group's tasks is kept, and those that have not begun are skipped.
  // Before Finish().
  void Keep(std::exception_ptr exception) {
    RequestStop();
    uint32_t none = kNone;
    // acquire: pairs with the release in Rethrow(), which has taken the one before.
    if (!exception_state_.compare_exchange_strong(none, kKeeping, std::memory_order_acquire,
                                                  std::memory_order_relaxed)) {
      return;
    }
    exception_.Write() = std::move(exception);
    // release: pairs with the acquire in Rethrow().
    exception_state_.store(kKept, std::memory_order_release);
  }

  // --- stopping ---------------------------------------------------------------------------------

  // Tasks that have not begun are skipped from now on, until TakeStop(). relaxed, here and below: a
  // request is seen sooner or later; Done() orders what the waiter has to see.
  void RequestStop() { stop_.fetch_or(kStop, std::memory_order_relaxed); }
  bool StopRequested() const { return (stop_.load(std::memory_order_relaxed) & kStop) != 0; }
  // A task was dropped instead of run. Before Finish().
  void Skip() { stop_.fetch_or(kSkipped, std::memory_order_relaxed); }
  // After Done(): ends the request. Returns whether every task has run.
  bool TakeStop() {
    if (stop_.load(std::memory_order_relaxed) == 0) return true;
    return (stop_.exchange(0, std::memory_order_relaxed) & kSkipped) == 0;
  }

  // --- priority ---------------------------------------------------------------------------------

  // Somebody waits who is as urgent as this: what the group's tasks spawn should be, too. relaxed:
  // a hint.
  void Lend(Priority waiter) {
    lent_.store(static_cast<uint32_t>(waiter), std::memory_order_relaxed);
  }
  Priority Lent() const { return static_cast<Priority>(lent_.load(std::memory_order_relaxed)); }

  // --- the waiter -------------------------------------------------------------------------------

  // acquire: pairs with Finish(): all that the tasks did is visible.
  bool Done() const { return (state_.load(std::memory_order_acquire) & kPendingMask) == 0; }

  // Does more of what is waited for, if the waiter can without any task; here it cannot.
  static constexpr bool TakePart() { return false; }

  // A worker is about to park. False: nothing is pending any more, so no token will come.
  [[nodiscard]] bool Announce(WorkerId worker) {
    return SetWaiter(static_cast<uint64_t>(worker.value()) + 1);
  }
  // ... and was woken, perhaps by somebody else. A token may still come: worker parkers outlive us.
  void Retract() { state_.fetch_and(kPendingMask, std::memory_order_relaxed); }

  // An outside thread waits until everything is over.
  void ParkOutside() {
    Parker parker;
    outside_.Write() = &parker;
    if (SetWaiter(kOutside)) parker.Park();
  }

  // Whether there is anything on the list. relaxed: after Done() or Announce().
  bool HasClaimable() const { return claimable_.load(std::memory_order_relaxed) != nullptr; }

  // After Done(): throws what a task threw. Others may have spawned again meanwhile, and their
  // tasks may throw.
  void Rethrow() {
    // acquire: pairs with Keep().
    if (exception_state_.load(std::memory_order_acquire) != kKept) return;
    std::exception_ptr exception = std::exchange(exception_.Write(), nullptr);
    // release: pairs with the next Keep().
    exception_state_.store(kNone, std::memory_order_release);
    std::rethrow_exception(std::move(exception));
  }

  // --- claimable tasks --------------------------------------------------------------------------
  // A task of the group that was sent to an injector must be within reach of the waiter, or a
  // scheduler all of whose workers wait would never run it. So it is also on this list, and whoever
  // claims it first runs it.

  void AddClaimable(QueuedTask<W>* task) {
    QueuedTask<W>* newest = claimable_.load(std::memory_order_relaxed);
    do {
      task->next_claimable.Write() = newest;
      // release: pairs with the exchange in TakeClaimable().
    } while (!claimable_.compare_exchange_strong(newest, task, std::memory_order_release,
                                                 std::memory_order_relaxed));
  }

  // After AddClaimable(), by who did not spawn the task and still has it: the worker that waits and
  // may be parked. One that is not found here sees the task when it looks again after Announce().
  // acq_rel: two read-modify-writes of one word, so one of them sees the other.
  WorkerId WhoWaits() {
    const uint64_t waiter = state_.fetch_add(0, std::memory_order_acq_rel) >> kWaiterShift;
    return waiter == kOutside ? WorkerId() : WorkerId(static_cast<int32_t>(waiter) - 1);
  }

  // The whole list, newest first, now the caller's.
  QueuedTask<W>* TakeClaimable() {
    // relaxed: only a look, to leave the line alone.
    if (claimable_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    // acquire: pairs with AddClaimable().
    return claimable_.exchange(nullptr, std::memory_order_acquire);
  }

 private:
  static constexpr uint64_t kOne = 1;
  static constexpr int kWaiterShift = 40;
  static constexpr uint64_t kPendingMask = (uint64_t{1} << kWaiterShift) - 1;
  static constexpr uint32_t kOutside = 0xffff;                   // above every worker number
  static constexpr uint32_t kNone = 0, kKeeping = 1, kKept = 2;  // what exception_state_ says
  static constexpr uint32_t kStop = 1, kSkipped = 2;             // bits of stop_

  // False: nothing is pending, and nobody will ever read a name left here.
  bool SetWaiter(uint64_t waiter) {
    uint64_t before = state_.load(std::memory_order_acquire);  // as Done()
    do {
      if ((before & kPendingMask) == 0) return false;
      // release: pairs with Finish(), which reads `outside_`.
    } while (!state_.compare_exchange_strong(before, before | waiter << kWaiterShift,
                                             std::memory_order_acq_rel, std::memory_order_acquire));
    return true;
  }

  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<uint64_t> state_;  // low 40 bits: pending; above: waiter + 1
  typename W::template Atomic<QueuedTask<W>*> claimable_{line_, nullptr};
  typename W::template Atomic<uint32_t> exception_state_{line_, kNone};
  typename W::template Atomic<uint32_t> stop_{line_, 0};
  typename W::template Atomic<uint32_t> lent_{line_, static_cast<uint32_t>(Priority::kLow)};
  typename W::template Plain<Parker*> outside_;
  typename W::template Plain<std::exception_ptr> exception_;
  uint64_t id_ = 0;    // written before the first Add()
  Lineage lineage_{};  // likewise
};

}  // namespace tally
