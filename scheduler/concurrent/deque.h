// A worker's deque of one priority level: the owner pushes and pops at the bottom, thieves steal at
// the top.
//
// Conflict: the owner works here all the time and must be fast; thieves come rarely but from any
// side. Idea: two indices that only meet at the last element, which alone needs a CAS. Price: the
// owner's pop orders its store of `bottom` before its load of `top`, a full barrier.
//
// Chase and Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005; memory orders after Lê, Pop,
// Cohen and Zappa Nardelli, PPoPP 2013, with their two stand-alone fences folded into seq_cst
// accesses of `bottom` and `top` (the same instruction on x86, and TSan understands it). Bounded:
// no growth, so no reclamation; a full deque is the caller's to handle. Indices are 64 bits and
// never wrap, so an index also says *when* something was pushed: everything at or above a
// remembered bottom is newer (see `oldest` below).
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

#include "numa/check.h"
#include "scheduler/concurrent/taken.h"

namespace tally {

template <class W, class T>
class Deque {
 public:
  // `capacity` is a power of two, at least 2.
  explicit Deque(uint32_t capacity) : mask_(capacity - 1) {
    TALLY_CHECK(capacity >= 2 && std::has_single_bit(capacity), "capacity is a power of two");
    slots_ = std::make_unique<Slot[]>(capacity);
  }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  uint32_t capacity() const { return static_cast<uint32_t>(mask_ + 1); }

  // --- the owner's side -------------------------------------------------------------------------

  // Whether Push() would succeed now; only the owner can make it false again.
  bool HasRoom() {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);  // only we write it
    if (bottom - top_seen_ <= mask_) return true;
    // acquire: pairs with the CAS in Steal(): the thief has read the slot that we may now reuse.
    top_seen_ = top_.load(std::memory_order_acquire);
    return bottom - top_seen_ <= mask_;
  }

  // HasRoom() was true.
  void Push(T* task) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);  // only we write it
    // relaxed: published by `bottom_` below; a thief that reads a stale slot fails its CAS.
    slots_[bottom & mask_].task.store(task, std::memory_order_relaxed);
    // release: pairs with the load of `bottom_` in Steal(); publishes the slot and the task.
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  // The newest task whose index is at least `oldest`; nullptr if there is none.
  T* Pop(int64_t oldest = 0) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;  // only we write it
    if (bottom < oldest) return nullptr;
    // relaxed: `top_` never decreases, so an old value cannot hide a task from us; it can only make
    // us look closer below. Spares the barrier when the deque is empty.
    if (top_.load(std::memory_order_relaxed) > bottom) return nullptr;
    // seq_cst, both: pairs with the two loads in Steal(). Either the thief sees our lower bottom,
    // or we see its higher top; never neither.
    bottom_.store(bottom, std::memory_order_seq_cst);
    int64_t top = top_.load(std::memory_order_seq_cst);
    if (top < bottom) return slots_[bottom & mask_].task.load(std::memory_order_relaxed);
    T* task = nullptr;
    if (top == bottom) {  // the last one: whoever moves `top_` has it
      task = slots_[bottom & mask_].task.load(std::memory_order_relaxed);
      // seq_cst: pairs with the CAS in Steal().
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)) {
        task = nullptr;
      }
    }
    // relaxed: the deque is empty, there is nothing to publish.
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return task;
  }

  // The index that the next Push() gets.
  int64_t NextIndex() const { return bottom_.load(std::memory_order_relaxed); }

  // --- anybody's side ---------------------------------------------------------------------------

  // The oldest task, if its index is at least `oldest`. One attempt: kLost when another was faster.
  Taken<T> Steal(int64_t oldest = 0) {
    // seq_cst, both: pairs with Pop(), see there. `bottom_` also acquires what Push() published.
    int64_t top = top_.load(std::memory_order_seq_cst);
    const int64_t bottom = bottom_.load(std::memory_order_seq_cst);
    if (top >= bottom || top < oldest) return Taken<T>::Empty();
    // Before the CAS: after it, the owner may reuse the slot.
    T* task = slots_[top & mask_].task.load(std::memory_order_relaxed);
    // seq_cst: pairs with Pop()'s CAS and loads; release half pairs with HasRoom().
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return Taken<T>::Lost();
    }
    return Taken<T>::Of(task);
  }

  // How many tasks there were a moment ago. acquire: what is then stolen is at least this new.
  int64_t Depth() const {
    const int64_t top = top_.load(std::memory_order_acquire);
    const int64_t bottom = bottom_.load(std::memory_order_acquire);
    return bottom > top ? bottom - top : 0;
  }

  // The same for pictures: see World's Peek().
  int64_t PeekDepth() const {
    const int64_t top = top_.Peek();
    const int64_t bottom = bottom_.Peek();
    return bottom > top ? bottom - top : 0;
  }

 private:
  struct Slot {
    // Slots are neighbours of each other, not of the indices.
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<T*> task{line, nullptr};
  };

  const int64_t mask_;
  std::unique_ptr<Slot[]> slots_;
  // The owner's line.
  [[no_unique_address]] typename W::Line bottom_line_;
  alignas(W::kLineBytes) typename W::template Atomic<int64_t> bottom_{bottom_line_, 0};
  int64_t top_seen_ = 0;  // only the owner's; at most `top_`
  // The thieves' line.
  [[no_unique_address]] typename W::Line top_line_;
  alignas(W::kLineBytes) typename W::template Atomic<int64_t> top_{top_line_, 0};
};

}  // namespace tally
