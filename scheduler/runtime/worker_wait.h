// How a worker waits for a group. Part of worker.h.
//
// One rule: no unrelated work on the waiter's stack. A waiter runs what was spawned here since the
// group was made, takes back its group's tasks from injectors, and steals only from a worker that
// runs a task of its group, and only what that one has spawned since it took it (leapfrogging:
// Wagner and Calder, "Leapfrogging: a portable technique for implementing efficient futures", PPoPP
// 1993). So a stack is a chain of descendants, and a task never waits for something below it on its
// own stack.
//
// One exception, so that a program with fewer workers than waits still ends: the last worker that
// would park, when all others are parked in waits, runs anything it can find.
#pragma once

#include <limits>
#include <utility>

#include "scheduler/runtime/worker.h"

namespace tally {

template <class W>
void Worker<W>::HelpUntilOver(Fork<W>& fork) {
  const int64_t index = fork.index();
  // Everything older of this level was stolen before it. What the first half left behind of other
  // levels is not ours to run.
  DequeIndexes since;
  since.fill(std::numeric_limits<int64_t>::max());
  since[Level(frame_->priority)] = index < 0 ? ~index : index;
  HelpUntil(fork, since);
}

template <class W>
template <class J>
void Worker<W>::HelpUntil(J& join, const DequeIndexes& since) {
  if (tracer_.on()) tracer_.Emit(EventKind::kWaitBegin, frame_->id, join.join_id(), 0, -1, 0);
  QueuedTask<W>* claimable = nullptr;  // what is left of the group's list
  Nanos give_up = 0;
  while (!join.Done()) {
    const Found found = FindForWaiter(join, since, claimable);
    if (found.task != nullptr) {
      Execute(found);
      give_up = 0;
      continue;
    }
    if (join.TakePart()) {
      give_up = 0;
      continue;
    }
    const Nanos now = W::Now();
    if (give_up == 0) give_up = now + SearchNanos(wake_latency_.estimate());
    if (now < give_up) {
      W::SpinPause();
    } else {
      ParkInWait(join);
      give_up = 0;
    }
  }
  // Everything on the list has run; injectors may still hold the other reference.
  for (;;) {
    if (claimable == nullptr) claimable = join.TakeClaimable();
    if (claimable == nullptr) break;
    Release(std::exchange(claimable, claimable->next_claimable.Read()));
  }
  if (tracer_.on()) tracer_.Emit(EventKind::kWaitEnd, frame_->id, join.join_id(), 0, -1, 0);
}

template <class W>
template <class J>
typename Worker<W>::Found Worker<W>::FindForWaiter(J& join, const DequeIndexes& since,
                                                   QueuedTask<W>*& claimable) {
  for (int level = 0; level < kPriorities; ++level) {
    if ((shown_ & (1u << level)) == 0) continue;
    Task<W>* task = deques_[level].Pop(since[level]);
    TraceDepth();
    if (task != nullptr) return {task, level, Place::kOwnDeque, false};
  }
  const Found reclaimed = Reclaim(join, claimable);
  if (reclaimed.task != nullptr) return reclaimed;
  return StealFromTenants(join.serial());
}

// A task of the group that is still in an injector.
template <class W>
template <class J>
typename Worker<W>::Found Worker<W>::Reclaim(J& join, QueuedTask<W>*& claimable) {
  for (;;) {
    if (claimable == nullptr) claimable = join.TakeClaimable();
    if (claimable == nullptr) return {};
    QueuedTask<W>* task = std::exchange(claimable, claimable->next_claimable.Read());
    if (!task->Claim()) {
      Release(task);
      continue;
    }
    const Priority priority = task->header.Read().priority;
    if (tracer_.on()) {
      tracer_.Emit(EventKind::kReclaim, task->id.Read(), 0, 0, task->body.Read().node.value(),
                   Event::Detail(priority, Place::kHand));
    }
    return {task, Level(priority), Place::kHand, true};
  }
}

// Leapfrogging. `serial` 0: nobody has begun what is waited for.
template <class W>
typename Worker<W>::Found Worker<W>::StealFromTenants(uint64_t serial) {
  if (serial == 0) return {};
  for (const Tier& tier : tiers_) {
    for (uint32_t index = 0; index < tier.size; ++index) {
      Worker& tenant = crew_.AtSeat(tier.Seat(index));
      const auto seen = tenant.tenure_.Read(serial);
      if (!seen.has_value()) continue;
      const Found found = StealFromTenant(tenant, tier, *seen);
      if (found.task != nullptr) return found;
    }
  }
  return {};
}

template <class W>
typename Worker<W>::Found Worker<W>::StealFromTenant(Worker& tenant, const Tier& tier,
                                                     const typename Tenure<W>::Seen& seen) {
  // relaxed: a look; the deques decide.
  const LevelMask shown = tenant.levels_.load(std::memory_order_relaxed);
  for (int level = 0; level < kPriorities; ++level) {
    if ((shown & (1u << level)) == 0) continue;
    Deque<W, Task<W>>& deque = tenant.deques_[level];
    Taken<Task<W>> taken = deque.Steal(seen.began[level]);
    if (taken.attempt == Attempt::kEmpty && deque.NextIndex() > seen.began[level]) {
      // The answer takes a while, and the tenant may go on to something else meanwhile.
      if (!AskAndWait(deque) || !tenant.tenure_.Still(seen.sequence)) continue;
      taken = deque.Steal(seen.began[level]);
    }
    if (taken.attempt == Attempt::kLost) CountStealFail(tenant, tier, taken.attempt);
    if (taken.attempt != Attempt::kTaken) continue;
    CountStolen(tenant, tier, 1);
    if (tenant.tenure_.Still(seen.sequence)) {
      TraceSteal(taken.task, tenant, level, Place::kHand);
      return {taken.task, level, Place::kHand, true};
    }
    // The tenant went on to something else in between: not ours to run, so it goes where anybody
    // finds it.
    TraceSteal(taken.task, tenant, level, Place::kInjector);
    if (!taken.task->header.Read().fork) {
      static_cast<QueuedTask<W>*>(taken.task)->queued_at.Write() = 0;  // not from an injector
    }
    Inject(taken.task, injector_node(), static_cast<Priority>(level));
    return {};
  }
  return {};
}

template <class W>
template <class J>
void Worker<W>::ParkInWait(J& join) {
  counts_as_blocked_.store(1, std::memory_order_relaxed);  // published by Announce() or our name
  // seq_cst: of two workers that are about to park, the second one knows that it is the last.
  const uint32_t others = crew_.blocked.fetch_add(1, std::memory_order_seq_cst);
  if (others + 1 == crew_.order.workers()) {
    const Found found = LastResort();
    if (found.task != nullptr) {
      Unblock();
      Execute(found);
      return;
    }
  }
  Worker* const tenant = LeaveNameWithTenant(join.serial());
  if (join.Announce(id_)) {
    counters_.waits_parked.Add(1);
    const Nanos parked_at = W::Now();
    counters_.activity.Enter(Activity::kWaiting, parked_at);
    if (tracer_.on()) tracer_.Emit(EventKind::kPark, frame_->id, join.join_id(), 0, -1, 0);
    parker_.Park();  // whoever wakes us: HelpUntil() looks again
    Woke(parked_at, Activity::kBusy);
    if (tracer_.on()) tracer_.Emit(EventKind::kUnpark, frame_->id, join.join_id(), 0, -1, 0);
    join.Retract();
  }
  TakeNameBack(tenant);
  Unblock();
}

// Everybody waits: anything that can be found. One task, and no more: the rest of a batch would lie
// above `since`, as if it were ours.
template <class W>
typename Worker<W>::Found Worker<W>::LastResort() {
  W::HeavyFence();
  last_resort_ = true;
  Found found = NextLocal();
  if (found.task == nullptr) found = Sweep(true);
  last_resort_ = false;
  if (found.task != nullptr) last_resorts_.Add(1);
  found.bottom = true;  // it may be older than what waits
  return found;
}

// By the worker itself, or by the one who wakes it. The latter runs, so the count never lacks him.
template <class W>
void Worker<W>::Unblock() {
  // relaxed: only a look, for most who are woken were asleep.
  if (counts_as_blocked_.load(std::memory_order_relaxed) == 0) return;
  // acq_rel: one of them counts; what he counts comes before what he does next.
  if (counts_as_blocked_.exchange(0, std::memory_order_acq_rel) == 0) return;
  crew_.blocked.fetch_sub(1, std::memory_order_seq_cst);  // pairs with ParkInWait()
}

// So that who runs a task of our group wakes us when he has something that we may steal.
template <class W>
Worker<W>* Worker<W>::LeaveNameWithTenant(uint64_t serial) {
  if (serial == 0) return nullptr;
  for (const Tier& tier : tiers_) {
    for (uint32_t index = 0; index < tier.size; ++index) {
      Worker& tenant = crew_.AtSeat(tier.Seat(index));
      if (!tenant.tenure_.Read(serial).has_value()) continue;
      uint32_t nobody = 0;
      const uint32_t name = static_cast<uint32_t>(id_.value()) + 1;
      // relaxed: see TakeNameBack().
      if (!tenant.helper_.compare_exchange_strong(nobody, name, std::memory_order_relaxed,
                                                  std::memory_order_relaxed)) {
        continue;
      }
      crew_.sleepers.HelperParks();
      return &tenant;
    }
  }
  return nullptr;
}

template <class W>
void Worker<W>::TakeNameBack(Worker* tenant) {
  if (tenant == nullptr) return;
  uint32_t name = static_cast<uint32_t>(id_.value()) + 1;
  // relaxed: a note that only makes helping quicker. Fails if the tenant has used it.
  (void)tenant->helper_.compare_exchange_strong(name, 0, std::memory_order_relaxed,
                                                std::memory_order_relaxed);
  crew_.sleepers.HelperWakes();
}

}  // namespace tally
