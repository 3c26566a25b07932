// Where the tasks of a group meet the one who waits for them.
//
// Conflict: the last task must wake the waiter, but the waiter owns this object and may be gone as
// soon as it sees that nothing is pending; and those who add tasks should not meet those who finish
// them. Idea: two words. Adding counts up the one; finishing counts down the other, below zero as
// long as nobody is parked. Who is about to park moves the first into the second, together with its
// name: so the task that brings it down to zero learns the name with its one subtraction, which
// cannot fail, and then touches no memory of ours. An outside waiter's parker is on its stack; it
// therefore never leaves before its token has come.
//
// What was added after that move is not in the second word, whose zero is then too early, or is
// passed over by tasks of both kinds. So whoever comes from above zero to zero or below wakes the
// waiter, and that happens once per move; the waiter looks at both words, and moves again.
#pragma once

#include <atomic>
#include <cstddef>
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

  Join() = default;
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
  void Add(uint64_t tasks = 1) { added_.fetch_add(tasks, std::memory_order_relaxed); }

  // So many of the tasks are over. Afterwards the object may be gone.
  [[nodiscard]] Waiter Finish(uint64_t tasks = 1) {
    // acq_rel: release publishes what the tasks did to the waiter's acquire in Done(); acquire so
    // that the last one has seen the others' work, and pairs with SetWaiter() for `outside_`.
    const uint64_t before = state_.fetch_sub(kOne * tasks, std::memory_order_acq_rel);
    const uint64_t waiter = before & kWaiterMask;
    if (waiter == 0 || CountIn(before) <= 0) return {};
    if (CountIn(before - kOne * tasks) > 0) return {};
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

  // For the waiter alone, for nobody else can tell when it moves the count.
  bool Done() const {
    // acquire: pairs with Finish(): all that the tasks did is visible, their Add()s too. In this
    // order: what is added in between can only make the sum too large.
    const uint64_t state = state_.load(std::memory_order_acquire);
    // relaxed: see above.
    const uint64_t added = added_.load(std::memory_order_relaxed);
    return CountIn(state + kOne * added) == 0;
  }

  // Does more of what is waited for, if the waiter can without any task; here it cannot.
  static constexpr bool TakePart() { return false; }

  // A worker is about to park, and has retracted whatever it announced before. False: nothing may
  // be pending any more, so no token will come.
  [[nodiscard]] bool Announce(WorkerId worker) {
    return SetWaiter(static_cast<uint64_t>(worker.value()) + 1);
  }
  // ... and was woken, perhaps by somebody else. A token may still come: worker parkers outlive us.
  void Retract() { state_.fetch_and(~kWaiterMask, std::memory_order_relaxed); }

  // An outside thread waits until everything is over.
  void ParkOutside() {
    Parker parker;
    outside_.Write() = &parker;
    if (!SetWaiter(kOutside)) return;
    parker.Park();
    Retract();
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
    const uint64_t waiter = state_.fetch_add(0, std::memory_order_acq_rel) & kWaiterMask;
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
  static constexpr int kCountShift = 24;
  static constexpr uint64_t kOne = uint64_t{1} << kCountShift;  // in state_
  static constexpr uint64_t kWaiterMask = kOne - 1;
  static constexpr uint32_t kOutside = 0xffff;                   // above every worker number
  static constexpr uint32_t kNone = 0, kKeeping = 1, kKept = 2;  // what exception_state_ says
  static constexpr uint32_t kStop = 1, kSkipped = 2;             // bits of stop_

  // Modulo 2^40, so that it does not matter how many tasks there ever were.
  static int64_t CountIn(uint64_t state) { return static_cast<int64_t>(state) >> kCountShift; }

  // False: nothing may be pending any more, so that nobody will ever read a name left here.
  bool SetWaiter(uint64_t waiter) {
    // relaxed: an Add() that it misses is found by Done(), which follows.
    const uint64_t change = kOne * added_.exchange(0, std::memory_order_relaxed) + waiter;
    // acq_rel: pairs with Finish(), which reads `outside_`, and with WhoWaits().
    const uint64_t before = state_.fetch_add(change, std::memory_order_acq_rel);
    if (CountIn(before + change) > 0) return true;
    Retract();
    return false;
  }

  // 64, not kLineBytes: a group mostly lies on a stack, which should stay small.
  static constexpr size_t kLine = 64;

  // What spawners write.
  [[no_unique_address]] typename W::Line spawners_line_;
  alignas(kLine) typename W::template Atomic<uint64_t> added_{spawners_line_, 0};  // since moved
  typename W::template Atomic<QueuedTask<W>*> claimable_{spawners_line_, nullptr};
  // What those write who finish tasks.
  [[no_unique_address]] typename W::Line finishers_line_;
  // Low 24 bits: waiter + 1, or kOutside; above: what was moved here, less what is over.
  alignas(kLine) typename W::template Atomic<uint64_t> state_{finishers_line_, 0};
  typename W::template Atomic<uint32_t> exception_state_{finishers_line_, kNone};
  typename W::template Plain<Parker*> outside_;
  typename W::template Plain<std::exception_ptr> exception_;
  // What each task reads before it begins.
  [[no_unique_address]] typename W::Line readers_line_;
  alignas(kLine) typename W::template Atomic<uint32_t> stop_{readers_line_, 0};
  typename W::template Atomic<uint32_t> lent_{readers_line_, static_cast<uint32_t>(Priority::kLow)};
  uint64_t id_ = 0;    // written before the first Add()
  Lineage lineage_{};  // likewise
};

}  // namespace tally
