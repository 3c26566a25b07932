// How a worker finds work, and how it sleeps when there is none. Part of worker.h.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>

#include "numa/check.h"
#include "scheduler/runtime/worker.h"

namespace tally {

template <class W>
typename Crew<W>::Left Worker<W>::Run() {
  W::Current() = this;
  // A spare comes late enough to find cells that came back.
  if constexpr (!W::kSimulated) {
    if (!is_spare_) free_list_.Warm();
  }
  GoOnDuty();
  SetBegan(W::Now());
  auto left = Crew<W>::Left::kForGood;
  for (;;) {
    Found found;
    if (Superfluous()) {
      // It was called in for this, perhaps. What else it has queued is others' to run.
      if (shown_ >> Level(Priority::kHigh) != 0) HandOver(Level(Priority::kHigh));
      found = NextCritical();
      if (found.task == nullptr) {
        Settle();
        if (LingersForCritical()) continue;
        if (GoesToRest()) {
          left = Crew<W>::Left::kToRest;
          break;
        }
      }
    }
    if (found.task == nullptr && turns_.LooksFar()) found = LookFar();
    if (found.task == nullptr) found = NextLocal();
    if (found.task == nullptr) {
      Settle();
      found = Search();
    }
    if (found.task != nullptr) {
      SettleBefore(*found.task);
      Execute(found);
    } else if (crew_.Stopping() && MayLeave()) {
      break;
    } else {
      Sleep();
    }
  }
  if (left == Crew<W>::Left::kForGood) GoOffDuty();
  W::Current() = nullptr;
  return left;
}

// Of a spare that need not serve: what an outside thread has called it in for, and what came of
// that. One by one, for the rest of a batch would wait for it.
template <class W>
typename Worker<W>::Found Worker<W>::NextCritical() {
  constexpr int kLevel = static_cast<int>(Priority::kCritical);
  Found found;
  if ((shown_ & (1u << kLevel)) != 0) {
    found = {deques_[kLevel].Pop(), kLevel, Place::kOwnDeque, true};
    TraceDepth();
    if (found.task == nullptr) Hide(kLevel);
  }
  if (found.task == nullptr) found = TakeFromAnyNode(kLevel);
  if (found.task != nullptr && searching_) FoundWhileSearching(found.surplus);
  return found;
}

// It found nothing Critical; true: it should look again, and has slept a little. Somebody else was
// at the injector's door, and nobody may come for the next task there; or calls are left out just
// now, so that nobody is called in for the next one.
template <class W>
bool Worker<W>::LingersForCritical() {
  if (crew_.Stopping()) return false;
  constexpr int kLevel = static_cast<int>(Priority::kCritical);
  const Nanos now = W::Now();
  Nanos until = crew_.spares->NextCall();
  for (const NodeId node : nodes_) {
    if (AnyInjected(node, kLevel)) until = now + kAnswerNanos;
  }
  if (until <= now) return false;
  counters_.activity.Enter(Activity::kAsleep, now);
  (void)parker_.ParkUntil(until);
  counters_.activity.Enter(Activity::kSearching, W::Now());
  return true;
}

// Of a spare, between two tasks. True: it rests, and an outside thread may be this worker already.
template <class W>
bool Worker<W>::GoesToRest() {
  HandOver();
  // The others may have left. Ordered by the fence after publishing and by the one in MayLeave().
  if (crew_.Stopping() && crew_.AnyQueued()) return false;
  GoOffDuty();
  if (crew_.spares->Rest(id_)) return true;
  GoOnDuty();
  return false;
}

template <class W>
void Worker<W>::GoOnDuty() {
  counters_.activity.Start(W::Now());
  if (!is_spare_) return;
  away_.store(0, std::memory_order_relaxed);  // see AllOthersParked()
  if (tracer_.on()) tracer_.Emit(EventKind::kUnpark, 0, 0, kAtRest, -1, 0);
}

template <class W>
void Worker<W>::GoOffDuty() {
  counters_.activity.Stop(W::Now());
  SetLooks(false);
  if (!is_spare_) return;
  // Before others may be this worker.
  if (tracer_.on()) tracer_.Emit(EventKind::kPark, 0, 0, kAtRest, -1, 0);
  away_.store(1, std::memory_order_relaxed);  // see AllOthersParked()
}

// What a spare has queued, from level `from` on, goes where others look, and somebody is there to
// look.
template <class W>
void Worker<W>::HandOver(int from) {
  for (int level = from; level < kPriorities; ++level) {
    while (Task<W>* task = deques_[level].Pop()) {
      TraceDepth();
      // Nothing runs here, so no fork can be left; and in an injector it would have no place.
      TALLY_CHECK(!task->header.Read().fork, "a fork ends with its parent, and is stolen alone");
      if (tracer_.on()) {
        tracer_.Emit(EventKind::kSteal, task->id.Read(), 0, 0, id_.value(),
                     Event::Detail(static_cast<Priority>(level), Place::kInjector));
      }
      Inject(task, injector_node(), static_cast<Priority>(level));
    }
    Hide(level);
  }
  if (searching_ && from == 0) FoundWhileSearching(0);
}

// The crew is stopping, and this worker has found nothing. Tasks of outside threads' groups may
// still be there: what such a task spawned into its group is in nobody's accounts. Who leaves
// counts as blocked, for those who wait must know that he will not come to help.
template <class W>
bool Worker<W>::MayLeave() {
  // seq_cst: pairs with ParkInWait().
  crew_.blocked.fetch_add(1, std::memory_order_seq_cst);
  W::HeavyFence();
  if (!crew_.AnyQueued()) {
    blocked_.store(kLeft, std::memory_order_release);  // pairs with AllOthersParked()
    return true;
  }
  crew_.blocked.fetch_sub(1, std::memory_order_relaxed);  // relaxed: a count
  return false;
}

// From the highest level to the lowest: own deque, then the node's injector; with the exceptions
// that keep others from starving (policy/turns.h), and urgent tasks elsewhere before all that is
// not urgent here.
template <class W>
typename Worker<W>::Found Worker<W>::NextLocal() {
  const NodeId node = injector_node();
  LevelMask injected = crew_.InjectedLevels(node);
  LevelMask missed = 0;  // levels that had something, which we did not get
  for (;;) {
    const Nanos now = Turns::Compete(shown_, injected) ? W::Now() : 0;
    const NextTask next = turns_.Next(shown_, injected, now);
    if (next.source == Source::kNone) return {};
    const LevelMask higher = next.aged ? 0 : (1u << next.level) - 1;
    if (const LevelMask urgent = UrgentLevels() & higher; urgent != 0) [[unlikely]] {
      const Found found = LookForUrgent(urgent, missed);
      if (found.task != nullptr) return found;
    }
    if (next.source == Source::kInjector) {
      const Found found = TakeInjected(node, next.level);
      if (found.task != nullptr) {
        CountTurn(next, missed);
        if (searching_) FoundWhileSearching(found.surplus);
        return found;
      }
      // Empty, or another taker is in it.
      if (AnyInjected(node, next.level)) missed |= 1u << next.level;
      injected &= ~(1u << next.level);
      continue;
    }
    Task<W>* task;
    if (last_resort_) [[unlikely]] {
      task = TakeOldest(next.level);
    } else {
      task = next.source == Source::kOwnOldest ? PopOldest(next.level) : deques_[next.level].Pop();
    }
    TraceDepth();
    if (task == nullptr) {
      Hide(next.level);
      continue;
    }
    CountTurn(next, missed);
    if (searching_) FoundWhileSearching(0);
    Found found{task, next.level, Place::kOwnDeque, true};
    if (Mates& mates = mates_[next.level];
        !last_resort_ && mates.Any() && next.source == Source::kOwnDeque) {
      const int64_t index = deques_[next.level].NextIndex();  // which it had
      if (mates.first <= index && index < mates.end) {
        mates.end = index;
        found.mates = mates.first;
      }
    }
    return found;
  }
}

// --- injectors ---------------------------------------------------------------------------------

// The oldest task of an injector's level; with it comes a batch that goes to the own deque. Tasks
// that their waiters have taken back are passed over, however many there are: what lies behind them
// may be all that is left to do.
template <class W>
typename Worker<W>::Found Worker<W>::TakeInjected(NodeId node, int level) {
  auto& injector = crew_.InjectorOf(node, static_cast<Priority>(level));
  if (AnySent(node, level)) {
    // In turn with the injector, so that neither keeps the other waiting.
    sent_turn_ = !sent_turn_;
    if (sent_turn_ || !injector.Any()) {
      Mailbox<W>& mailbox = crew_.injectors[node.index()].mailbox;
      const Found found = TakeFrom(mailbox.Of(level), node, level, true);
      if (found.task != nullptr) {
        if (node == injector_node()) mailbox.Served();
        return found;
      }
    }
  }
  return TakeFrom(injector, node, level, false);
}

// `sent`: from a mailbox, one by one: what lies in a deque is anybody's.
//
// Whoever has just been woken comes by here, and all of it is cold: what is rare, or takes its time
// anyway, lies elsewhere.
template <class W>
typename Worker<W>::Found Worker<W>::TakeFrom(Injector<W, Task<W>>& injector, NodeId node,
                                              int level, bool sent) {
  for (;;) {
    // What is kept lies above what the own deque holds; so while that holds older ones of the
    // level, this is their turn to wait for one, and no more.
    const bool one = last_resort_ || sent || Superfluous() || (shown_ & (1u << level)) != 0;
    const Taken<Task<W>> taken = injector.Take(door_turn_, [&](int64_t queued) {
      return one ? 1 : InjectorBatch(queued, crew_.injectors[node.index()].workers);
    });
    if (taken.attempt != Attempt::kTaken) [[unlikely]] {
      if (taken.attempt == Attempt::kLost) counters_.injector_lost.Add(1);
      return {};
    }
    Task<W>* const first = Unpack(taken.task, node, static_cast<Priority>(level));
    if (first == nullptr) [[unlikely]]
      continue;  // its waiter has it
    if (tracer_.on()) TraceInjector(node, static_cast<Priority>(level));
    return {first, level, Place::kHand, true, injector.Any() ? injector.Queued() : 0};
  }
}

// Of a chain that was taken from an injector the first that is still there, to be run; the others
// go to the own deque. nullptr: none is.
template <class W>
Task<W>* Worker<W>::Unpack(Task<W>* taken, NodeId node, Priority priority) {
  const Nanos now = W::Now();
  if (taken->next.Read() != nullptr || taken->header.Read().claimable) [[unlikely]] {
    return UnpackMany(taken, node, priority, now);
  }
  CountQueueWait(taken, now);
  TraceTake(taken, node, priority, Place::kHand);
  crew_.CountUrgent(priority, -1);
  CountTaken(1, now);
  return taken;
}

template <class W>
Task<W>* Worker<W>::UnpackMany(Task<W>* taken, NodeId node, Priority priority, Nanos now) {
  Task<W>* first = nullptr;
  uint32_t count = 0;
  int64_t gone = 0;
  Task<W>* kept = nullptr;  // newest first
  for (Task<W>* task = taken; task != nullptr;) {
    Task<W>* const next = task->next.Read();  // before others may have the task
    ++gone;
    if (StillThere(task)) {
      ++count;
      CountQueueWait(task, now);
      if (first == nullptr) {
        first = task;
        TraceTake(task, node, priority, Place::kHand);
      } else {
        task->next.Write() = std::exchange(kept, task);
      }
    }
    task = next;
  }
  // The oldest on top.
  while (kept != nullptr) {
    KeepInjected(std::exchange(kept, kept->next.Read()), node, priority);
  }
  crew_.CountUrgent(priority, -gone);
  if (count > 0) CountTaken(count, now);
  return first;
}

template <class W>
void Worker<W>::CountTaken(uint32_t tasks, Nanos now) {
  counters_.injector_batches[BatchSizeOf(tasks)].Add(1);
  SetBegan(now);
}

template <class W>
void Worker<W>::CountQueueWait(Task<W>* task, Nanos now) {
  QueuedTask<W>* const queued = static_cast<QueuedTask<W>*>(task);
  if (!queued->marks.Read().timed) return;
  counters_.CountWait(now - queued->queued_at.Read());
  queued->marks.Write().timed = false;  // should it come by an injector again
}

template <class W>
void Worker<W>::KeepInjected(Task<W>* task, NodeId node, Priority priority) {
  // The own deque of this level was empty, or this level would not have been taken from.
  if (HasRoom(priority)) {
    TraceTake(task, node, priority, Place::kOwnDeque);
    Push(task, priority);
  } else {
    TraceTake(task, node, priority, Place::kInjector);
    Inject(task, node, priority);
  }
}

template <class W>
void Worker<W>::TraceTake(Task<W>* task, NodeId node, Priority priority, Place place) {
  counters_.injector_takes.Add(1);
  if (!tracer_.on()) return;
  tracer_.Emit(EventKind::kTake, task->id.Read(), 0, 0, node.value(),
               Event::Detail(priority, place));
}

// A claimable task is in two places; whoever claims it has it, also if it comes by an injector
// again (KeepInjected, StealFromTenant).
template <class W>
bool Worker<W>::StillThere(Task<W>* task) {
  if (!task->header.Read().claimable) return true;
  QueuedTask<W>* const claimable = static_cast<QueuedTask<W>*>(task);
  if (claimable->marks.Read().held) return true;
  if (claimable->Claim()) {
    claimable->marks.Write().held = true;
    return true;
  }
  Release(claimable);
  return false;
}

// --- stealing ----------------------------------------------------------------------------------

// Looks everywhere until something is found or it is time to sleep.
template <class W>
typename Worker<W>::Found Worker<W>::Search() {
  if (!searching_) {
    SetLooks(true);
    if (!crew_.sleepers.TryStartSearching(crew_.size)) {
      if (!crew_.Hot()) return {};
      crew_.sleepers.StartSearching();
    }
    searching_ = true;
  }
  LearnFromWake();
  const Nanos start = W::Now();
  counters_.activity.Enter(Activity::kSearching, start);
  Nanos now = start;
  do {
    const bool stopping = crew_.Stopping();
    const Found found = Sweep(stopping || now - start >= GraceNanos(wake_latency_.estimate()));
    if (found.task != nullptr) {
      FoundWhileSearching(found.surplus);
      return found;
    }
    if (stopping || Superfluous()) break;
    W::SpinPause();
    now = W::Now();
  } while (now - start < SearchNanos(wake_latency_.estimate()) || crew_.Hot());
  return {};
}

// Once everywhere: urgent tasks anywhere, then all others nearest first, then the injectors of
// nodes that have no worker of their own, and with `far` of all nodes.
template <class W>
typename Worker<W>::Found Worker<W>::Sweep(bool far) {
  const LevelMask urgent = UrgentLevels();
  if (urgent != 0) {
    const Found found = SweepVictims(urgent, std::countr_zero(urgent));
    if (found.task != nullptr) return found;
  }
  for (int level = 0; level < kPriorities; ++level) {
    if (!AnyInjected(injector_node(), level)) continue;
    const Found injected = TakeInjected(injector_node(), level);
    if (injected.task != nullptr) return injected;
  }
  // Critical and High tasks have been looked for above.
  const Found found = SweepVictims(~LevelMask{0}, static_cast<int>(Priority::kNormal));
  if (found.task != nullptr) return found;
  for (const NodeId node : nodes_) {
    if (node == injector_node()) continue;
    // What is urgent goes before where it should run.
    const bool all = far || crew_.injectors[node.index()].workers == 0;
    for (int level = 0; level < (all ? kPriorities : Level(Priority::kNormal)); ++level) {
      if (!AnyInjected(node, level)) continue;
      const Found injected = TakeInjected(node, level);
      if (injected.task != nullptr) return injected;
    }
  }
  return {};
}

// Within a tier the highest of `levels`, from a random start; nearer tiers first. One attempt per
// tier: losing a race there means that others are at it.
template <class W>
typename Worker<W>::Found Worker<W>::SweepVictims(LevelMask levels, int best) {
  const size_t first = FirstTier(tiers_, random_);
  for (size_t t = 0; t < tiers_.size(); ++t) {
    const Tier& tier = tiers_[(first + t) % tiers_.size()];
    VictimChoice choice(best);
    uint32_t index = random_.Below(tier.size);
    for (uint32_t looked = 0; looked < tier.size; ++looked) {
      const uint32_t seat = tier.Seat(index);
      if (choice.Consider(seat, crew_.AtSeat(seat).OfferOf(levels))) break;
      if (++index == tier.size) index = 0;
    }
    if (!choice.found()) continue;
    const Found found = StealFrom(choice.seat(), choice.level(), tier);
    if (found.task != nullptr) return found;
  }
  return {};
}

// What there is to steal of `levels`. What is shown may be old (an owner that waits does not look
// at what it must not run), so the deques are asked.
template <class W>
Offer Worker<W>::OfferOf(LevelMask levels) const {
  // relaxed: a look, which mostly spares the rest; the deque decides.
  const LevelMask shown = levels_.load(std::memory_order_relaxed) & levels;
  for (int level = 0; level < kPriorities; ++level) {
    if ((shown & (1u << level)) == 0) continue;
    const int64_t depth = deques_[level].Depth();
    if (depth > 0) return {level, depth};
  }
  return {};
}

template <class W>
typename Worker<W>::Found Worker<W>::StealFrom(uint32_t seat, int level, const Tier& tier) {
  Worker& victim = crew_.AtSeat(seat);
  Deque<W, Task<W>>& deque = victim.deques_[level];
  const int64_t depth = deque.Depth();
  Taken<Task<W>> first = deque.Steal();
  if (first.attempt == Attempt::kEmpty && AskAndWait(deque)) first = deque.Steal();
  if (first.attempt != Attempt::kTaken) {
    CountStealFail(victim, tier, first.attempt);
    return {};
  }
  TraceSteal(first.task, victim, level, Place::kHand);
  Found found{first.task, level, Place::kHand, true, depth - 1};
  const Join<W>* const join = JoinOf(*first.task);
  uint32_t most = 1;
  if (join != nullptr) {
    most = StealBatch(tier.proximity, depth, true);
    // These must lie where a waiter finds them (Tenure), with nothing else.
    if (most > 1 && (is_spare_ || deques_[level].Depth() != 0)) most = 1;
  } else if (!first.task->header.Read().fork) {
    most = StealBatch(tier.proximity, depth, false);
  }
  uint32_t taken = 1;
  if (most > 1 && !last_resort_) {
    const int64_t next = deques_[level].NextIndex();
    taken += StealMore(victim, level, *first.task, most - 1);
    if (join != nullptr) {
      mates_[level] = {next, deques_[level].NextIndex()};
      found.mates = next;
    }
  }
  CountStolen(victim, tier, taken);
  return found;
}

// Up to `most` more than `first` into the own deque, of the same group, or detached as it. Returns
// how many were stolen.
//
// What a task is only who has stolen it may see, and that takes a cache line of another CPU for
// each. So they are stolen by handfuls whose lines are on their way at the same time; twice as many
// each time, so that of a mixed queue few are stolen in vain.
template <class W>
uint32_t Worker<W>::StealMore(Worker& victim, int level, const Task<W>& first, uint32_t most) {
  const Join<W>* const join = JoinOf(first);
  uint32_t stolen = 0;
  bool alike = true;
  while (alike && stolen < most) {
    std::array<Task<W>*, kMostStolen> handful;
    const uint32_t wanted = std::min(std::max(stolen, 3u), most - stolen);
    const uint32_t count = StealHandful(victim, level, {handful.data(), wanted});
    for (uint32_t i = 0; i < count; ++i) {
      if (!KeepStolen(handful[i], victim, level, join)) alike = false;
    }
    stolen += count;
    if (count < wanted) break;
  }
  return stolen;
}

// Returns how many they are.
template <class W>
uint32_t Worker<W>::StealHandful(Worker& victim, int level, std::span<Task<W>*> into) {
  uint32_t count = 0;
  for (; count < into.size(); ++count) {
    const Taken<Task<W>> taken = victim.deques_[level].Steal();
    if (taken.attempt != Attempt::kTaken) break;
    into[count] = taken.task;
    // Another CPU has it, and it is to run soon.
    __builtin_prefetch(taken.task, 1);
    __builtin_prefetch(reinterpret_cast<const std::byte*>(taken.task) + 64, 1);
  }
  return count;
}

// In the own deque; or, where that has no room, or its waiter would not find it there because it is
// not of the group `join`, elsewhere. Returns whether it was kept.
template <class W>
bool Worker<W>::KeepStolen(Task<W>* task, const Worker& victim, int level, const Join<W>* join) {
  const Priority priority = static_cast<Priority>(level);
  if (task->header.Read().fork || JoinOf(*task) != join || !HasRoom(priority)) {
    TraceSteal(task, victim, level, Place::kInjector);
    GiveBack(task, priority);
    return false;
  }
  TraceSteal(task, victim, level, Place::kOwnDeque);
  Push(task, priority);
  return true;
}

// An owner that is popping answers within its next few tasks; for one that is not it is not worth
// waiting.
template <class W>
bool Worker<W>::AskAndWait(Deque<W, Task<W>>& deque) {
  Nanos give_up = 0;
  return deque.AskAndWait(static_cast<uint32_t>(id_.value()), [&give_up] {
    const Nanos now = W::Now();
    if (give_up == 0) give_up = now + kAnswerNanos;
    W::SpinPause();
    return now < give_up;
  });
}

template <class W>
void Worker<W>::CountStolen(const Worker& victim, const Tier& tier, uint32_t tasks) {
  counters_.steals[static_cast<int>(tier.proximity)].Add(tasks);
  counters_.steal_batches[BatchSizeOf(tasks)].Add(1);
  // Nobody has stamped them, for most tasks are popped by who pushed them. But most victims took
  // from elsewhere what has spawned them.
  const Nanos now = W::Now();
  const Nanos began = static_cast<Nanos>(victim.began_ns_.Read());
  for (uint32_t i = 0; i < tasks; ++i) counters_.CountWait(now - began);
  SetBegan(now);
}

template <class W>
void Worker<W>::CountStealFail(const Worker& victim, const Tier& tier, Attempt attempt) {
  const bool lost = attempt == Attempt::kLost;
  if (lost) {
    ++races_lost_;
    counters_.steals_lost[static_cast<int>(tier.proximity)].Add(1);
  } else {
    counters_.steals_empty[static_cast<int>(tier.proximity)].Add(1);
  }
  if (tracer_.on()) {
    tracer_.Emit(EventKind::kStealFail, 0, 0, lost ? 1 : 0, victim.id_.value(), 0);
  }
}

template <class W>
void Worker<W>::TraceSteal(Task<W>* task, const Worker& victim, int level, Place place) {
  if (!tracer_.on()) return;
  tracer_.Emit(EventKind::kSteal, task->id.Read(), 0, 0, victim.id_.value(),
               Event::Detail(static_cast<Priority>(level), place));
  // The victim may be in a long task and not say for long that its deque is shorter.
  tracer_.Emit(EventKind::kDepth, 0, static_cast<uint64_t>(victim.id_.value()) + 1,
               static_cast<uint32_t>(victim.PeekDepth()), -1, 0);
}

// No longer a searcher. The last one makes sure that work it leaves behind has somebody to find it;
// any one passes the news on if there is more than it took.
template <class W>
void Worker<W>::FoundWhileSearching(int64_t surplus) {
  searching_ = false;
  looks_ = 0;
  SetLooks(false);
  counters_.activity.Enter(Activity::kBusy, W::Now());
  const IdleFacts left = crew_.sleepers.StopSearching();
  if (left.sleeping == 0) return;
  if (left.searching == 0 && surplus <= 0) {
    // A publisher that still saw us searching has woken nobody: pairs with Sleepers::Facts().
    W::Fence(std::memory_order_seq_cst);
    surplus = crew_.AnyQueued() ? 1 : 0;
  }
  WakeFor(left, surplus, 2);
}

template <class W>
void Worker<W>::WakeFor(IdleFacts facts, int64_t surplus, uint32_t most) {
  uint32_t wakes = WakesFor(facts, crew_.size, surplus, most);
  for (; wakes > 0; --wakes) WakeOne();
}

// --- sleeping ----------------------------------------------------------------------------------

template <class W>
void Worker<W>::Sleep() {
  Sleepers<W>& sleepers = crew_.sleepers;
  sleepers.Announce(seat_, std::exchange(searching_, false));
  if (crew_.AnyQueued(injector_node()) || crew_.Stopping() || crew_.Hot() || Superfluous()) {
    if (sleepers.Retract(seat_)) sleepers.StartSearching();
    searching_ = true;  // by our own decision, or by the waker's
    counters_.activity.Enter(Activity::kSearching, W::Now());
    return;
  }
  if (crew_.State() == CrewState::kDraining) crew_.drained.Unpark();
  counters_.parks.Add(1);
  const Nanos parked_at = W::Now();
  counters_.activity.Enter(Activity::kAsleep, parked_at);
  if (tracer_.on()) tracer_.Emit(EventKind::kPark, 0, 0, 0, -1, 0);
  for (;;) {
    // What other nodes have in their mailboxes may become ours to take without anybody's doing.
    if (crew_.AnySentElsewhere(injector_node())) {
      const Nanos until = W::Now() + LookAgainNanos(crew_.patience, looks_++);
      if (!parker_.ParkUntil(until)) {
        // Time is up. Still announced, so that looking in vain costs no fence.
        if (crew_.AnyQueued(injector_node())) break;
        continue;
      }
    } else {
      looks_ = 0;
      parker_.Park();
    }
    if (crew_.Stopping() || crew_.Hot() || !sleepers.StillAnnounced(seat_)) break;
    counters_.spurious_wakes.Add(1);  // a token from a wait that is over
  }
  if (sleepers.Retract(seat_)) sleepers.StartSearching();
  searching_ = true;
  Woke(parked_at, Activity::kSearching);
  crew_.EndWatchRest();
  if (tracer_.on()) tracer_.Emit(EventKind::kUnpark, 0, 0, 0, -1, 0);
}

// From here on the worker does `next`.
template <class W>
void Worker<W>::Woke(Nanos parked_at, Activity next) {
  const Nanos now = W::Now();
  counters_.activity.Enter(next, now);
  if constexpr (!W::kSimulated) {
    // relaxed: our token came after it.
    last_wake_ = {parked_at, woken_at_.load(std::memory_order_relaxed), now};
  }
}

// What the last wake-up has cost; before that is asked for, not while the task waits for which it
// was. In virtual time it is an assumption, and there is nothing to learn.
template <class W>
void Worker<W>::LearnFromWake() {
  if (last_wake_.runs_at == 0) return;
  wake_latency_.Woke(last_wake_.parked_at, last_wake_.woken_at, last_wake_.runs_at);
  counters_.SetWakeLatency(wake_latency_.estimate());
  last_wake_.runs_at = 0;
}

// Somebody for work that was just published or left behind: the nearest sleeper. Only if nobody
// sleeps, the one who waits for the task that we are running; it may take no other task than our
// children, so it is no substitute for a sleeper.
template <class W>
void Worker<W>::WakeOne() {
  const uint32_t seat = crew_.sleepers.Claim(tiers_);
  if (seat != Sleepers<W>::kNobody) {
    Wake(crew_.order.WorkerAt(seat));
    return;
  }
  // relaxed, twice: who is missed only helps later.
  if (helper_.load(std::memory_order_relaxed) == 0) return;
  const uint32_t helper = helper_.exchange(0, std::memory_order_relaxed);
  if (helper != 0) Wake(WorkerId(static_cast<int32_t>(helper - 1)));
}

template <class W>
void Worker<W>::Wake(WorkerId worker) {
  counters_.wakes.Add(1);
  if (tracer_.on()) tracer_.Emit(EventKind::kWake, frame_->id, 0, 0, worker.value(), 0);
  crew_.At(worker).Unblock();
  crew_.At(worker).Nudge();
}

}  // namespace tally
