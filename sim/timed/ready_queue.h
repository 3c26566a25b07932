// The fibers that may run, the earliest first: an indexed binary heap.
//
// The kernel's hottest structure: at most accesses the running fiber changes places with the
// earliest waiting one (ReplaceFirst, one sift), and a timed wait that is woken early moves
// (Moved). Turns are copied into the heap so that a sift reads no fiber but the ones it moves.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/timed/fiber.h"

namespace tally::timed {

class ReadyQueue {
 public:
  bool empty() const { return heap_.size() == 1; }
  // Of the first; a turn after everybody's if there is none.
  const Turn& FirstTurn() const { return empty() ? kNever : heap_[1].turn; }

  Fiber* First() const { return heap_[1].fiber; }

  void Add(Fiber* fiber) {
    heap_.push_back({});
    SiftUp(heap_.size() - 1, {fiber->turn, fiber});
  }

  Fiber* TakeFirst() {
    Fiber* first = First();
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!empty()) SiftDown(1, last);
    return first;
  }

  Fiber* ReplaceFirst(Fiber* fiber) {
    Fiber* first = First();
    SiftDown(1, {fiber->turn, fiber});
    return first;
  }

  // `fiber`, which is in the queue, has an earlier turn now.
  void MovedForward(Fiber* fiber) { SiftUp(fiber->queue_slot, {fiber->turn, fiber}); }

 private:
  struct Entry {
    Turn turn;
    Fiber* fiber = nullptr;
  };
  static constexpr Turn kNever{std::numeric_limits<Nanos>::max(),
                               std::numeric_limits<uint64_t>::max()};

  void Place(size_t slot, const Entry& entry) {
    heap_[slot] = entry;
    entry.fiber->queue_slot = static_cast<uint32_t>(slot);
  }

  void SiftUp(size_t slot, const Entry& entry) {
    for (; slot > 1 && entry.turn < heap_[slot / 2].turn; slot /= 2) Place(slot, heap_[slot / 2]);
    Place(slot, entry);
  }

  void SiftDown(size_t slot, const Entry& entry) {
    const size_t end = heap_.size();
    for (size_t child = 2 * slot; child < end; child = 2 * slot) {
      if (child + 1 < end) child += heap_[child + 1].turn < heap_[child].turn ? 1 : 0;
      if (!(heap_[child].turn < entry.turn)) break;
      Place(slot, heap_[child]);
      slot = child;
    }
    Place(slot, entry);
  }

  std::vector<Entry> heap_{Entry{}};  // from 1: the children of i are 2i and 2i + 1
};

}  // namespace tally::timed
