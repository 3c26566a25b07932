// What a worker shows of the task at the bottom of its stack, so that those who wait for it can
// help.
//
// While worker V runs such a task of group G, everything in V's deques at or above the indices they
// had when it began descends from that task: V runs nothing else on top of it. So a waiter for G,
// or for a group from which G descends, may steal that, and nothing below. The record is a sequence
// lock: its sequence also tells the waiter afterwards whether V was still at it when the steal
// succeeded.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "scheduler/runtime/frame.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Tenure {
 public:
  struct Record {
    Lineage lineage{};  // of the task's group
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
    for (int i = 0; i < kLineage; ++i) {
      lineage_[i].store(record.lineage[i], std::memory_order_release);
    }
    for (int level = 0; level < kPriorities; ++level) {
      began_[level].store(record.began[level], std::memory_order_release);
    }
    // release: pairs with the first acquire in Read(); who sees it sees the fields.
    sequence_.store(sequence + 2, std::memory_order_release);
    return before;
  }

  // Whether the record is about no group.
  bool IsBlank() const { return own_.lineage[0] == 0; }

  // --- waiters ----------------------------------------------------------------------------------

  struct Seen {
    uint64_t sequence;
    DequeIndexes began;
  };

  // The record, if it is about group `serial` or a descendant of it.
  std::optional<Seen> Read(uint64_t serial) const {
    Seen seen;
    seen.sequence = sequence_.load(std::memory_order_acquire);
    if ((seen.sequence & 1) != 0 || !Concerns(serial)) return std::nullopt;
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
  bool Concerns(uint64_t serial) const {
    for (const auto& ancestor : lineage_) {
      // acquire: pairs with Set(); orders Read()'s second look at the sequence behind this.
      const uint64_t seen = ancestor.load(std::memory_order_acquire);
      if (seen == serial) return true;
      if (seen == 0) return false;
    }
    return false;
  }

  Record own_;  // only the owner's
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<uint64_t> sequence_{line_, 0};
  typename W::template Atomic<uint64_t> lineage_[kLineage] = {
      {line_, 0}, {line_, 0}, {line_, 0}, {line_, 0}};
  typename W::template Atomic<int64_t> began_[kPriorities] = {
      {line_, 0}, {line_, 0}, {line_, 0}, {line_, 0}};
};

}  // namespace tally
