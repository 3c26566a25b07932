// A ring of events with one producer and, at any moment, one consumer.
//
// Conflict: a worker hands over an event every few dozen nanoseconds and must not wait, yet whoever
// drains (a collector thread, or the worker itself when the ring is full) reads from another core.
// So the two indices only ever grow, each is written by one side, sits on its own cache line, and
// the producer reads the consumer's only when its last view of it says "full".
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "numa/check.h"
#include "scheduler/trace/event.h"

namespace tally {

class EventRing {
 public:
  // `capacity` is a power of two. Its pages are first touched by the producer.
  explicit EventRing(size_t capacity)
      : slots_(std::allocator<Event>().allocate(capacity)), mask_(capacity - 1) {
    TALLY_CHECK(std::has_single_bit(capacity), "a ring's capacity is a power of two");
  }
  ~EventRing() { std::allocator<Event>().deallocate(slots_, mask_ + 1); }
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;

  // Producer only. False: full.
  [[nodiscard]] bool TryPush(const Event& event) {
    const uint64_t tail = tail_.load(std::memory_order_relaxed);  // relaxed: our own
    if (tail - head_seen_ > mask_) [[unlikely]] {
      // acquire; pairs with the release in Drain(): the consumer has read the slot we overwrite
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return false;
    }
    slots_[tail & mask_] = event;
    // release; pairs with the acquire in Drain(): the slot is written before the tail covers it
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // One consumer at a time (the caller holds a lock). Gives every event that was there at the start
  // to `take`; returns how many.
  template <class Take>
  size_t Drain(Take take) {
    uint64_t head = head_.load(std::memory_order_relaxed);  // relaxed: consumers exclude each other
    // acquire; pairs with the release in TryPush()
    const uint64_t tail = tail_.load(std::memory_order_acquire);
    const uint64_t count = tail - head;
    while (head != tail) {
      const uint64_t stop = std::min(tail, head + kDrainBatch);
      for (; head != stop; ++head) take(slots_[head & mask_]);
      // release; pairs with the acquire in TryPush(): we have read what it may now overwrite
      head_.store(head, std::memory_order_release);
    }
    return count;
  }

  size_t capacity() const { return mask_ + 1; }

 private:
  // A waiting producer gets room after this many, not only at the end.
  static constexpr uint64_t kDrainBatch = 256;

  Event* const slots_;
  const uint64_t mask_;
  uint64_t head_seen_ = 0;  // the producer's last view of head_
  alignas(128) std::atomic<uint64_t> tail_{0};
  alignas(128) std::atomic<uint64_t> head_{0};
};

}  // namespace tally
