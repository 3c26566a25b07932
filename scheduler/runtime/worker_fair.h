// What a worker does so that nothing starves and the urgent need not wait for somebody idle. Part
// of worker.h; the rules are in policy/turns.h.
#pragma once

#include <bit>

#include "scheduler/runtime/worker.h"

namespace tally {

// Into others' queues of one level, although our own may not be empty.
template <class W>
typename Worker<W>::Found Worker<W>::LookFar() {
  const int level = turns_.FarLevel();
  Found found = SweepVictims(1u << level, level);
  for (size_t n = 0; found.task == nullptr && n < nodes_.size(); ++n) {
    if (InjectorQueued(nodes_[n], level) > 0) found = TakeInjected(nodes_[n], level);
  }
  if (found.task == nullptr) return {};
  counters_.aged.Add(1);
  if (searching_) FoundWhileSearching(found.surplus);
  return found;
}

// For who is about to run something that is not urgent: the crew's hint says that somebody has
// Critical or High tasks queued.
template <class W>
typename Worker<W>::Found Worker<W>::LookForUrgent(LevelMask urgent, LevelMask& missed) {
  if (!urgent_look_.Due(urgent)) return {};
  const uint64_t lost = races_lost_;
  const Found found = SweepVictims(urgent, std::countr_zero(urgent));
  if (found.task == nullptr) {
    urgent_look_.WasInVain(urgent);
    if (races_lost_ != lost) missed |= urgent;
    return {};
  }
  if (searching_) FoundWhileSearching(found.surplus);
  return found;
}

// The oldest of our own tasks of a level, which our newest ones would keep from running for ever.
template <class W>
Task<W>* Worker<W>::PopOldest(int level) {
  const Taken<Task<W>> taken = deques_[level].PopOldest();
  return taken.attempt == Attempt::kTaken ? taken.task : deques_[level].Pop();
}

template <class W>
void Worker<W>::CountTurn(const NextTask& next, LevelMask missed) {
  if (next.aged) counters_.aged.Add(1);
  if ((missed & ((1u << next.level) - 1)) != 0) counters_.inversions.Add(1);
}

}  // namespace tally
