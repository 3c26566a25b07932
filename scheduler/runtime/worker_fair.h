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
  if (found.task == nullptr) found = TakeFromAnyNode(level);
  if (found.task == nullptr) return {};
  counters_.aged.Add(1);
  if (searching_) FoundWhileSearching(found.surplus);
  return found;
}

template <class W>
typename Worker<W>::Found Worker<W>::TakeFromAnyNode(int level) {
  for (const NodeId node : nodes_) {
    if (!AnyInjected(node, level)) continue;
    const Found found = TakeInjected(node, level);
    if (found.task != nullptr) return found;
  }
  return {};
}

// For who is about to run something that is not urgent: the crew's hint says that somebody has
// Critical or High tasks queued.
template <class W>
typename Worker<W>::Found Worker<W>::LookForUrgent(LevelMask urgent, LevelMask& missed) {
  if (!urgent_look_.Due(urgent)) return {};
  const uint64_t lost = races_lost_;
  Found found = SweepVictims(urgent, std::countr_zero(urgent));
  for (LevelMask rest = urgent; found.task == nullptr && rest != 0; rest &= rest - 1) {
    found = TakeFromAnyNode(std::countr_zero(rest));
  }
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
bool Worker<W>::ShouldYield() const {
  const LevelMask higher = (1u << Level(frame_->priority)) - 1;
  if (higher == 0) return false;
  if ((crew_.InjectedLevels(injector_node()) & higher) != 0) return true;
  if (OfferOf(higher).level != Offer::kNothing) return true;
  const LevelMask urgent = UrgentLevels() & higher;  // a hint, which may be old
  if (urgent == 0) return false;
  for (const NodeId node : nodes_) {
    if ((crew_.InjectedLevels(node) & urgent) != 0) return true;
  }
  for (const Tier& tier : tiers_) {
    for (uint32_t index = 0; index < tier.size; ++index) {
      if (crew_.AtSeat(tier.Seat(index)).OfferOf(urgent).level != Offer::kNothing) return true;
    }
  }
  return false;
}

template <class W>
void Worker<W>::CountTurn(const NextTask& next, LevelMask missed) {
  if (next.aged) counters_.aged.Add(1);
  if ((missed & ((1u << next.level) - 1)) != 0) counters_.inversions.Add(1);
}

}  // namespace tally
