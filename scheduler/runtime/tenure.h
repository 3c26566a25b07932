// What a worker shows of the foreign task it runs, so that those who wait for it can help.
//
// While worker V runs a task of group G that it stole, everything in V's deques at or above the
// indices they had when it began descends from that task: V runs nothing else on top of it. So a
// waiter for G may steal that, and nothing below. The record is a sequence lock: its sequence also
// tells the waiter afterwards whether V was still at it when the steal succeeded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Join;

using DequeIndexes = std::array<int64_t, kPriorities>;  // one index into each level's deque

template <class W>
class Tenure {
 public:
  struct Record {
    const Join<W>* join = nullptr;  // nullptr: nothing to help with
    DequeIndexes began{};
  };

  // --- the owner --------------------------------------------------------------------------------

  // Replaces the record; returns the one before, to be put back when the task is over.
  Record Set(const Record& record) {
    const Record before = own_;
    own_ = record;
    // relaxed: only we write it.
    const uint64_t sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);  // odd: being written
    // release, each: pairs with the acquires in Read(); who sees a new field sees the odd number.
    join_.store(record.join, std::memory_order_release);
    for (int level = 0; level < kPriorities; ++level) {
      began_[level].store(record.began[level], std::memory_order_release);
    }
    // release: pairs with the first acquire in Read(); who sees it sees the fields.
    sequence_.store(sequence + 2, std::memory_order_release);
    return before;
  }

  // --- waiters ----------------------------------------------------------------------------------

  struct Seen {
    uint64_t sequence;
    DequeIndexes began;
  };

  // The record, if it is about `join`.
  std::optional<Seen> Read(const Join<W>* join) const {
    // relaxed: only a look, which spares the rest.
    if (join_.load(std::memory_order_relaxed) != join) return std::nullopt;
    Seen seen;
    seen.sequence = sequence_.load(std::memory_order_acquire);
    if ((seen.sequence & 1) != 0) return std::nullopt;
    if (join_.load(std::memory_order_acquire) != join) return std::nullopt;
    for (int level = 0; level < kPriorities; ++level) {
      seen.began[level] = began_[level].load(std::memory_order_acquire);
    }
    if (!Still(seen.sequence)) return std::nullopt;
    return seen;
  }

  // Whether the record is still the one read. relaxed: after a steal, the deque's acquire orders it
  // behind whatever the owner did before it pushed what was stolen.
  bool Still(uint64_t sequence) const {
    return sequence_.load(std::memory_order_relaxed) == sequence;
  }

 private:
  Record own_;  // only the owner's
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<uint64_t> sequence_{line_, 0};
  typename W::template Atomic<const Join<W>*> join_{line_, nullptr};
  typename W::template Atomic<int64_t> began_[kPriorities] = {
      {line_, 0}, {line_, 0}, {line_, 0}, {line_, 0}};
};

}  // namespace tally
