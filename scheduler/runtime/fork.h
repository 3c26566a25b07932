// The second half of an Invoke, in its parent's frame: a task, and where it meets its parent again.
//
// Conflict: almost every fork is run by its own parent a moment later and must cost nothing that
// the parent does not need; one that was stolen needs all of it: somebody who waits, who helps, an
// exception on its way home. Idea: the parent writes three words (what to run, where it comes from,
// that it is not over), and the thief makes the rest. Price: until the thief has begun, its parent
// cannot find it to help it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "numa/ids.h"
#include "scheduler/concurrent/deque.h"
#include "scheduler/runtime/frame.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W>
class Fork : public Task<W> {
 public:
  using Closure = typename Task<W>::Closure;

  Fork(Closure closure, TaskName name, const Frame<W>* parent)
      : Task<W>({.closure = closure, .name_hash = name.hash(), .fork = true}),
        parent_(parent),
        serial_(kUnwritten),
        index_(kUnwritten),
        state_(line_, 0) {}
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;
  ~Fork() {}  // the exception is Rethrow()'s or DropException()'s

  // Takes it back, if it is its deque's newest task and nobody records. False: ask
  // Worker::TakeBack().
  [[nodiscard]] TALLY_INLINE bool Pop() const { return parent_.Read()->deque->PopNewest(index()); }
  // Where it is in the deque; see Worker::PushFork(). The parent's.
  int64_t index() const { return index_.Read(); }
  void set_index(int64_t index) { index_.Write() = index; }

  // --- whoever runs it in the parent's stead ----------------------------------------------------

  // Begins; from now on the parent can find who runs it by `serial`, which nobody else has.
  // Returns the lineage of what is run.
  Lineage Begin(uint64_t serial) {
    serial_.Write() = serial;
    // release: pairs with serial().
    state_.fetch_or(kBegun, std::memory_order_release);
    return Descend(parent_.Read()->lineage, serial);
  }

  // Stolen by a waiter that must not run it: gives it back to the parent, who alone has it from now
  // on. `node`: where recordings say that it lies meanwhile. Returns the worker that waits for it,
  // if one does. Afterwards the object may be gone.
  [[nodiscard]] WorkerId GiveBack(NodeId node) {
    serial_.Write() = node.index();
    // acq_rel: release pairs with TakeReturned(), acquire with Announce().
    return WaiterIn(state_.fetch_or(kReturned, std::memory_order_acq_rel));
  }

  // It is over. Returns the worker that waits for it, if one does. Afterwards the object may be
  // gone.
  [[nodiscard]] WorkerId Finish(std::exception_ptr thrown) {
    const bool threw = thrown != nullptr;
    if (threw) new (&exception_) std::exception_ptr(std::move(thrown));
    // acq_rel: release publishes what it did to the acquire in Done(); acquire pairs with
    // Announce().
    return WaiterIn(state_.exchange(threw ? kDone | kThrew : kDone, std::memory_order_acq_rel));
  }

  // --- the parent, who waits: as a Join ---------------------------------------------------------

  uint64_t join_id() const { return this->id.Read(); }  // the fork is its own group
  // 0: nobody has begun it.
  uint64_t serial() const {
    // acquire: pairs with Begin().
    const uint64_t state = state_.load(std::memory_order_acquire);
    return (state & kBegun) != 0 ? serial_.Read() : 0;
  }
  // acquire: pairs with Finish(): all that it did is visible.
  bool Done() const { return (state_.load(std::memory_order_acquire) & kDone) != 0; }

  static constexpr bool TakePart() { return false; }
  [[nodiscard]] bool Announce(WorkerId worker) {
    const uint64_t waiter = static_cast<uint64_t>(worker.value()) + 1;
    // acq_rel: pairs with Finish() and GiveBack(), whichever comes first.
    const uint64_t before = state_.fetch_or(waiter << kWaiterShift, std::memory_order_acq_rel);
    return (before & (kDone | kReturned)) == 0;
  }
  // A token may still come: workers' parkers outlive us. relaxed: nobody else waits.
  void Retract() { state_.fetch_and(kFlags, std::memory_order_relaxed); }

  static constexpr bool HasClaimable() { return false; }
  QueuedTask<W>* TakeClaimable() { return nullptr; }  // never sent to an injector by its parent
  // After GiveBack(), once: where it lay. The fork is the parent's to run.
  std::optional<NodeId> TakeReturned() {
    // acquire: pairs with GiveBack().
    if ((state_.load(std::memory_order_acquire) & kReturned) == 0) return std::nullopt;
    state_.fetch_and(~kReturned, std::memory_order_relaxed);  // relaxed: nobody else has the fork
    return NodeId(static_cast<int32_t>(serial_.Read()));
  }

  // After Done(): throws what the fork threw.
  void Rethrow() {
    // relaxed: after Done().
    if ((state_.load(std::memory_order_relaxed) & kThrew) == 0) return;
    const std::exception_ptr exception = std::move(exception_);
    exception_.~exception_ptr();
    std::rethrow_exception(exception);
  }
  // ... or drops that, for another exception was first. False: it threw nothing.
  bool DropException() {
    if ((state_.load(std::memory_order_relaxed) & kThrew) == 0) return false;
    exception_.~exception_ptr();
    return true;
  }

 private:
  static constexpr uint64_t kDone = 1, kThrew = 2, kBegun = 4, kReturned = 8, kFlags = 15;
  static constexpr int kWaiterShift = 4;  // above: the waiting worker's id + 1
  static WorkerId WaiterIn(uint64_t state) {
    return WorkerId(static_cast<int32_t>(state >> kWaiterShift) - 1);
  }

  typename W::template Plain<const Frame<W>*> parent_;
  typename W::template Plain<uint64_t> serial_;
  typename W::template Plain<int64_t> index_;
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<uint64_t> state_;
  union {
    std::exception_ptr exception_;  // if kThrew
  };
};

}  // namespace tally
