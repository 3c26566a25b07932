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
#include <optional>
#include <type_traits>
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
  // In a BlockingScope: a waiter is not away, it helps.
  const uint32_t scopes = std::exchange(blocking_scopes_, 0);
  if (scopes != 0) [[unlikely]]
    ComeBack();
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
    if (give_up == 0) {
      LearnFromWake();
      give_up = now + SearchNanos(wake_latency_.estimate());
    }
    if (now < give_up) {
      W::SpinPause();
    } else {
      ParkInWait(join, since, claimable);
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
  blocking_scopes_ = scopes;
  if (scopes != 0) [[unlikely]]
    (void)GoAway();
}

// As a spare for that long.
template <class W>
void Worker<W>::HelpFromOutside(Join<W>& join) {
  W::Current() = this;
  GoOnDuty();
  LearnFromWake();
  const Nanos start = W::Now();
  SetBegan(start);
  Nanos give_up = start + SearchNanos(wake_latency_.estimate());
  while (!join.Done()) {
    const Found found = TakeOldestOf(join);
    if (found.task == nullptr) {
      // Only here: the kernel may have taken the CPU from us since the last task for as long.
      if (W::Now() >= give_up) break;
      W::SpinPause();
      continue;
    }
    Execute(found);
    Settle();
    HandOver();
    give_up = W::Now() + SearchNanos(wake_latency_.estimate());
  }
  GoOffDuty();
  W::Current() = nullptr;
}

// A task of the group that is next in some injector.
template <class W>
typename Worker<W>::Found Worker<W>::TakeOldestOf(const Join<W>& join) {
  for (int level = 0; level < kPriorities; ++level) {
    const Priority priority = static_cast<Priority>(level);
    for (const NodeId node : nodes_) {
      Task<W>* const task =
          crew_.InjectorOf(node, priority).TakeOldestIf([&join](const Task<W>& oldest) {
            return !oldest.header.Read().claimable && JoinOf(oldest) == &join;
          });
      if (task == nullptr) continue;
      crew_.CountUrgent(priority, -1);
      const Nanos now = W::Now();
      CountQueueWait(task, now);
      CountTaken(1, now);
      TraceTake(task, node, priority, Place::kHand);
      return {task, level, Place::kHand, true};
    }
  }
  return {};
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
  const Found reclaimed = [&] {
    if constexpr (std::is_same_v<J, Fork<W>>) {
      return TakeReturned(join);
    } else {
      return Reclaim(join, claimable);
    }
  }();
  if (reclaimed.task != nullptr) return reclaimed;
  return StealFromTenants(join.serial());
}

// The fork, if who had stolen it gave it back.
template <class W>
typename Worker<W>::Found Worker<W>::TakeReturned(Fork<W>& fork) {
  const std::optional<NodeId> node = fork.TakeReturned();
  if (!node.has_value()) return {};
  if (tracer_.on()) {
    tracer_.Emit(EventKind::kReclaim, fork.id.Read(), 0, 0, node->value(),
                 Event::Detail(frame_->priority, Place::kHand));
  }
  return {&fork, Level(frame_->priority), Place::kHand, false};
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
      tracer_.Emit(EventKind::kReclaim, task->id.Read(), 0, 0, task->node.Read().value(),
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
      const Found found = StealFromTenant(tenant, tier, serial, *seen);
      if (found.task != nullptr) return found;
    }
  }
  return {};
}

template <class W>
typename Worker<W>::Found Worker<W>::StealFromTenant(Worker& tenant, const Tier& tier,
                                                     uint64_t serial,
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
    if (tenant.tenure_.Still(seen.sequence) || IsOf(*taken.task, serial)) {
      TraceSteal(taken.task, tenant, level, Place::kHand);
      return {taken.task, level, Place::kHand, true};
    }
    // The tenant went on to something else in between: not ours to run.
    TraceSteal(taken.task, tenant, level, Place::kInjector);
    GiveBack(taken.task, static_cast<Priority>(level));
    return {};
  }
  return {};
}

// Stolen, but not ours to run. To where those who do not wait find it; and within reach of the one
// who waits for it, or everybody might come to wait with the task still queued.
template <class W>
void Worker<W>::GiveBack(Task<W>* stolen, Priority priority) {
  if (stolen->header.Read().fork) {
    // It lies in its parent's frame, so nobody but the parent may have it a second time.
    const WorkerId parent = static_cast<Fork<W>*>(stolen)->GiveBack(injector_node());
    if (parent.valid()) Wake(parent);
    return;
  }
  QueuedTask<W>* const task = static_cast<QueuedTask<W>*>(stolen);
  Join<W>* const join = task->join.Read();
  WorkerId waiter;
  // One that was claimable before has lost its place on the list, or keeps it in vain.
  if (join != nullptr && !task->header.Read().claimable) {
    task->node.Write() = injector_node();
    task->MakeClaimable();
    // Once it is on the list its waiter may run it, see the group's end, and be gone with it.
    join->Add();
    join->AddClaimable(task);
    waiter = join->WhoWaits();
    FinishTasks(*join, 1);
  }
  Inject(task, injector_node(), priority);
  if (waiter.valid()) Wake(waiter);
}

// On a waiter's stack. What it leaves in the own deques would pass for the waiter's own there; and
// for what the task at the bottom of the stack has spawned, to those who wait for that one. So it
// is given back, and until then no record is shown.
template <class W>
void Worker<W>::RunStranger(const Found& found) {
  const typename Tenure<W>::Record record = tenure_.Set({});
  const DequeIndexes before = NextIndexes();
  Execute(found);
  for (int level = 0; level < kPriorities; ++level) {
    while (Task<W>* task = deques_[level].Pop(before[level])) {  // no fork: they end with it
      TraceDepth();
      TraceSteal(task, *this, level, Place::kInjector);
      GiveBack(task, static_cast<Priority>(level));
    }
  }
  tenure_.Set(record);
}

template <class W>
template <class J>
void Worker<W>::ParkInWait(J& join, const DequeIndexes& since, QueuedTask<W>*& claimable) {
  // relaxed: published by Announce() or our name.
  blocked_.store(kAboutToPark, std::memory_order_relaxed);
  // seq_cst: of two workers that are about to park, the second one knows that it is the last.
  const uint32_t others = crew_.blocked.fetch_add(1, std::memory_order_seq_cst);
  if (others + 1 >= crew_.size && others + 1 >= crew_.size + crew_.spares->Extra()) {
    if (!AllOthersParked()) return Unblock();  // one may have seen its wait end: look again
    // Those who have parked since we looked may have left something of ours, or ended our wait.
    W::HeavyFence();
    if (join.Done()) return Unblock();
    Found found = FindForWaiter(join, since, claimable);
    const bool stranger = found.task == nullptr;
    if (stranger) found = LastResort();
    if (found.task != nullptr) {
      Unblock();
      if (stranger) {
        RunStranger(found);
      } else {
        Execute(found);
      }
      return;
    }
  }
  Worker* const tenant = LeaveNameWithTenant(join.serial());
  if (join.Announce(id_) && !join.HasClaimable()) {
    uint32_t about = kAboutToPark;  // fails if somebody has woken us already
    // release: pairs with AllOthersParked().
    (void)blocked_.compare_exchange_strong(about, kParked, std::memory_order_release,
                                           std::memory_order_relaxed);
    counters_.waits_parked.Add(1);
    const Nanos parked_at = W::Now();
    counters_.activity.Enter(Activity::kWaiting, parked_at);
    if (tracer_.on()) tracer_.Emit(EventKind::kPark, frame_->id, join.join_id(), 0, -1, 0);
    parker_.Park();  // whoever wakes us: HelpUntil() looks again
    Woke(parked_at, Activity::kBusy);
    if (tracer_.on()) tracer_.Emit(EventKind::kUnpark, frame_->id, join.join_id(), 0, -1, 0);
  }
  join.Retract();
  TakeNameBack(tenant);
  Unblock();
}

// Of those who count as blocked: whether none of them is about to find that it need not park.
template <class W>
bool Worker<W>::AllOthersParked() const {
  for (const auto& worker : crew_.workers) {
    // acquire: pairs with ParkInWait().
    const uint32_t blocked = worker->blocked_.load(std::memory_order_acquire);
    // relaxed: who is not away is looked at again.
    if (worker.get() == this || worker->away_.load(std::memory_order_relaxed) != 0) continue;
    if (blocked != kParked && blocked != kLeft) return false;
  }
  return true;
}

// The oldest of the own tasks of a level, or nullptr. Not the newest: the frames on this stack go
// by the indexes that came next when they began, and popping what is older makes those come again.
template <class W>
Task<W>* Worker<W>::TakeOldest(int level) {
  for (;;) {
    const Taken<Task<W>> taken = deques_[level].PopOldest();
    if (taken.attempt != Attempt::kLost) return taken.task;
  }
}

// Everybody waits: anything that can be found. One task, and no more: the rest of a batch would lie
// above `since`, as if it were ours.
template <class W>
typename Worker<W>::Found Worker<W>::LastResort() {
  last_resort_ = true;
  Found found = NextLocal();
  if (found.task == nullptr) found = Sweep(true);
  last_resort_ = false;
  if (found.task != nullptr) last_resorts_.Add(1);
  found.bottom = true;  // it may be older than what waits
  return found;
}

template <class W>
void Worker<W>::EnterBlocking() {
  if (blocking_scopes_++ != 0) return;
  counters_.blocking.Add(1);
  if (!GoAway()) counters_.blocking_alone.Add(1);
}

template <class W>
void Worker<W>::LeaveBlocking() {
  if (--blocking_scopes_ == 0) ComeBack();
}

// False: nobody stands in.
template <class W>
bool Worker<W>::GoAway() {
  counters_.activity.Enter(Activity::kWaiting, W::Now());
  away_.store(1, std::memory_order_relaxed);  // see AllOthersParked()
  return crew_.spares->Enter(id_);
}

template <class W>
void Worker<W>::ComeBack() {
  away_.store(0, std::memory_order_relaxed);  // see AllOthersParked()
  crew_.spares->Leave();
  counters_.activity.Enter(Activity::kBusy, W::Now());
}

// By the worker itself, or by the one who wakes it. The latter runs, so the count never lacks him.
template <class W>
void Worker<W>::Unblock() {
  // relaxed: only a look, for most who are woken were asleep.
  uint32_t blocked = blocked_.load(std::memory_order_relaxed);
  do {
    if (blocked == kAwake || blocked == kLeft) return;
    // acq_rel: one of them counts; what he counts comes before what he does next.
  } while (!blocked_.compare_exchange_strong(blocked, kAwake, std::memory_order_acq_rel,
                                             std::memory_order_relaxed));
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
