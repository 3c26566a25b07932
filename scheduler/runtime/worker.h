// One worker: its deques, what it is running, and its loop: own queue first, then the injector,
// then stealing, then sleep. worker_find.h has how it finds work, worker_run.h how it runs a task,
// worker_wait.h how it waits.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/concurrent/deque.h"
#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/patience.h"
#include "scheduler/policy/random.h"
#include "scheduler/policy/turns.h"
#include "scheduler/policy/victims.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/fork.h"
#include "scheduler/runtime/frame.h"
#include "scheduler/runtime/free_list.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/loop_share.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spares.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task.h"
#include "scheduler/runtime/tenure.h"
#include "scheduler/runtime/touch_counters.h"
#include "scheduler/runtime/tracer.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W>
class alignas(W::kLineBytes) Worker {
 public:
  template <class T>
  using Atomic = typename W::template Atomic<T>;

  // A task that the worker now has to run.
  struct Found {
    Task<W>* task = nullptr;
    int level = 0;                   // its priority
    Place place = Place::kOwnDeque;  // where it was
    bool bottom = false;             // may not descend from what runs below it on this stack
    int64_t surplus = 0;             // tasks left where it was, a moment ago
    // Stolen with others of its group: from this index on, the own deque of the level holds these,
    // the task's mates.
    int64_t mates = kNoMates;
  };
  static constexpr int64_t kNoMates = INT64_MAX;

  Worker(Crew<W>& crew, WorkerId id, uint64_t seed)
      : crew_(crew),
        id_(id),
        seat_(crew.order.SeatOf(id)),
        node_(crew.topology->pus()[crew.cpus[id.index()].index()].node),
        tiers_(crew.order.TiersOf(id)),
        nodes_(NodesByDistance(*crew.topology, node_)),
        is_spare_(id.index() >= crew.size),
        urgent_look_(crew.size),
        free_list_(crew.slabs, node_),
        random_(Mix64(seed) ^ Mix64(static_cast<uint64_t>(id.value()) + 1)),
        touches_(crew.topology->nodes().size(), crew.count_touches) {
    if (crew.recorder != nullptr) tracer_.Attach(crew.recorder->worker_lane(id));
    for (LevelDeque& deque : deques_) deque.Close();  // nothing is shown yet
    idle_.deque = &DequeOf(idle_.priority);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The worker that the calling thread is, of any scheduler; nullptr outside.
  static Worker* Current() { return static_cast<Worker*>(W::Current()); }

  Crew<W>& crew() { return crew_; }
  WorkerId id() const { return id_; }
  NodeId node() const { return node_; }
  NodeId injector_node() const { return node_.valid() ? node_ : NodeId(0); }
  // What is being run.
  Frame<W>& frame() { return *frame_; }
  Tracer<W>& tracer() { return tracer_; }
  TouchCounters<W>& touches() { return touches_; }
  FreeList<W>& free_list() { return free_list_; }
  LoopShareList<W>& loop_shares() { return loop_shares_; }

  // The body of the worker's thread, or of a spare's service.
  typename Crew<W>::Left Run();
  // Leaves its sleep, if it is in one, to look at the crew's state.
  void Nudge() {
    // relaxed: published by the token; a waker who is overtaken by another falsifies one sample.
    if constexpr (!W::kSimulated) woken_at_.store(W::Now(), std::memory_order_relaxed);
    parker_.Unpark();
  }

  // --- spawning: only on the worker's own thread -----------------------------------------------

  // False: the deque is full, or was a moment ago and nobody sleeps.
  bool HasRoom(Priority priority) {
    Deque<W, Task<W>>& deque = DequeOf(priority);
    return deque.Open() || (crew_.sleepers.AnyAsleep() && deque.OpenAtOnce());
  }
  // HasRoom() was true. Publishes the task in the own deque and wakes somebody if need be.
  // `for_others`: thieves may have it without asking.
  void Push(Task<W>* task, Priority priority, bool for_others = false);
  // Publishes the task in a node's injector.
  // `sent`: into its mailbox instead.
  void Inject(Task<W>* task, NodeId node, Priority priority, bool sent = false);
  // For a group that the running task makes.
  Lineage NewLineage() { return Descend(frame_->lineage, NewSerial()); }
  // A detached task was accepted.
  void CountAccepted() { CountOne(accepted_); }
  void CountOverflow() { counters_.overflows.Add(1); }
  // The id of the running task's next child, announcing its name. While recording.
  TaskId NextId(TaskName name) {
    tracer_.Name(name);
    return Pedigree(frame_->id, frame_->spawns++);
  }
  // While recording.
  void TraceSpawn(const Task<W>& task, int level, uint64_t group, Place place, int peer) {
    tracer_.Emit(EventKind::kSpawn, task.id.Read(), group, task.header.Read().name_hash, peer,
                 Event::Detail(static_cast<Priority>(level), place));
  }

  // --- forks (invoke.h): only on the worker's own thread ---------------------------------------

  // The index of a fork for which there was no room: it is run in place.
  static constexpr int64_t kNotPushed = INT64_MIN;
  // ... of one that its parent's worker ran in a wait. What is pushed later may lie where it was,
  // so the parent's Pop() must not go by that.
  static constexpr int64_t kRanInWait = INT64_MIN + 1;

  // Publishes a fork of the running task at its priority, and notes in it where: negative if its
  // parent's Pop() of it has to fail.
  TALLY_INLINE void PushFork(Fork<W>& fork, TaskName name) {
    Deque<W, Task<W>>& deque = *frame_->deque;
    const int64_t index = deque.NextIndex();
    if (!deque.TryPushAt(index, &fork)) [[unlikely]] {
      PushForkSlowly(fork, name);
      return;
    }
    fork.set_index(index);
    if (crew_.sleepers.AnyAsleepAfterPublishingFreely()) [[unlikely]]
      WakeAfterPush(deque, crew_.sleepers.Facts());
  }
  // The fork's Pop() has failed. True: the fork is its parent's to run, by RunInPlace(). False: it
  // was stolen, see HelpUntilOver(). Tasks pushed after it come first and are run.
  [[nodiscard]] bool TakeBack(Fork<W>& fork);
  // Runs `run` as the fork, which nobody else has.
  template <class F>
  auto RunInPlace(const Fork<W>& fork, const F& run);
  // The fork was stolen. Helps until it is over.
  void HelpUntilOver(Fork<W>& fork);

  // --- running: only on the worker's own thread ------------------------------------------------

  void Execute(const Found& found);
  // Helps until what `join`, a Join or a Fork, stands for is over. `since`: own deques when it was
  // made; tasks from there on are of the group, or were spawned after it by what waits.
  template <class J>
  void HelpUntil(J& join, const DequeIndexes& since);
  // By an outside thread that waits for `join`, and is this spare meanwhile: runs tasks of the
  // group that are next in their injectors, as long as there are some.
  void HelpFromOutside(Join<W>& join);
  DequeIndexes NextIndexes() const;
  // There is something that `waiter`, who may be parked in a wait, can do.
  void WakeWaiter(WorkerId waiter) { Wake(waiter); }
  // Whether something more urgent than what runs here waits for a worker: in the own deques, the
  // node's injector, or where the crew's hint points.
  bool ShouldYield() const;
  // Lets go of a claimable task's second place.
  void Release(QueuedTask<W>* task);
  // For BlockingScope: what runs here is about to block, until it goes on.
  void EnterBlocking();
  void LeaveBlocking();

  // --- from any thread -------------------------------------------------------------------------

  // Whether the own deques hold, or did a moment ago, something to steal.
  bool ShowsWork() const;
  // Whether it has no task, and will look into its node's mailbox before it has one. relaxed: for
  // other nodes' patience, which may be wrong.
  bool Looks() const { return looks_for_work_.load(std::memory_order_relaxed) != 0; }
  WorkerStats Stats() const;
  // How often it ran anything at all in a wait, because everybody waited (docs/waiting.md).
  uint64_t LastResorts() const { return last_resorts_.Read(); }
  // acquire: pairs with CountOne().
  uint64_t Accepted() const { return accepted_.load(std::memory_order_acquire); }
  uint64_t Finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  static constexpr uint32_t kDequeCapacity = 512;
  // Whether the worker is in its crew's count of those who are blocked, and why.
  enum Blocked : uint32_t { kAwake, kAboutToPark, kParked, kLeft };

  // A deque, default-constructible for the array below.
  struct LevelDeque : Deque<W, Task<W>> {
    LevelDeque() : Deque<W, Task<W>>(kDequeCapacity) {}
  };

  static int Level(Priority priority) { return static_cast<int>(priority); }
  Deque<W, Task<W>>& DequeOf(Priority priority) { return deques_[Level(priority)]; }
  int64_t PeekDepth() const;
  void TraceDepth() {
    if (tracer_.on()) tracer_.Depth(PeekDepth());
  }
  void TraceInjector(NodeId node, Priority priority);
  // Single writer, so load and store. release: pairs with Accepted() and Finished().
  void CountOne(Atomic<uint64_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  uint64_t NewSerial() { return ++groups_made_ * kMaxWorkers * 2 + id_.index(); }
  // Somebody sleeps who may want what was just pushed.
  void WakeAfterPush(const Deque<W, Task<W>>& deque, IdleFacts facts) {
    if (facts.sleeping != 0) WakeFor(facts, std::max<int64_t>(deque.Depth(), 1), 1);
  }
  // Whether every fork has to come to PushForkSlowly() and TakeBack(): somebody records, or fences
  // cost something. Then the deques are kept closed.
  bool ForksSlowly() const { return tracer_.on() || !W::LightFenceIsFree(); }
  [[gnu::noinline]] void PushForkSlowly(Fork<W>& fork, TaskName name);

  // Running.
  class Running;
  void ExecuteFork(Fork<W>* fork, const Found& found);
  void ExecuteQueued(QueuedTask<W>* task, const Found& found);
  bool MustDrop(Join<W>* join);
  void KeepException(Join<W>* join);
  void Retire(QueuedTask<W>* task);
  // Of the tasks that ran at the bottom, those of one group that the group does not know to be over
  // yet: the next one is of the same group, so the group is not over in any case.
  struct Unsettled {
    Join<W>* join = nullptr;
    uint64_t tasks = 0;
  };
  void FinishTasks(Join<W>& join, uint64_t tasks);
  void Settle() {
    if (unsettled_.join == nullptr) return;
    const Unsettled over = std::exchange(unsettled_, {});
    FinishTasks(*over.join, over.tasks);
  }
  void SettleBefore(const Task<W>& next) {
    if (JoinOf(next) != unsettled_.join) Settle();
  }

  // Which levels thieves should look at.
  void Show(int level);
  void Hide(int level);
  static uint64_t Urgent(int level) { return uint64_t{1} << (32 * level); }
  LevelMask UrgentLevels() const;

  // Finding (worker_find.h).
  Found NextLocal();
  Found NextCritical();
  bool LingersForCritical();
  Found LookFar();
  Found TakeFromAnyNode(int level);
  [[gnu::noinline]] Found LookForUrgent(LevelMask urgent, LevelMask& missed);
  Task<W>* PopOldest(int level);
  void CountTurn(const NextTask& next, LevelMask missed);
  bool AnyInjected(NodeId node, int level) const {
    return crew_.InjectorOf(node, static_cast<Priority>(level)).Any() || AnySent(node, level);
  }
  // In the mailbox, as far as we may take it.
  bool AnySent(NodeId node, int level) const {
    if (crew_.patience == 0 || !Mailbox<W>::Takes(level)) return false;
    if (!crew_.injectors[node.index()].mailbox.Of(level).Any()) return false;
    return last_resort_ || crew_.MayTakeSent(node, injector_node());
  }
  Found Search();
  Found Sweep(bool far);
  Found SweepVictims(LevelMask levels, int best);
  Offer OfferOf(LevelMask levels) const;
  Found StealFrom(uint32_t seat, int level, const Tier& tier);
  void CountStealFail(const Worker& victim, const Tier& tier, Attempt attempt);
  void CountStolen(const Worker& victim, const Tier& tier, uint32_t tasks);
  void TraceSteal(Task<W>* task, const Worker& victim, int level, Place place);
  bool AskAndWait(Deque<W, Task<W>>& deque);
  // The group that it belongs to, if it does to one.
  static Join<W>* JoinOf(const Task<W>& task) {
    return task.header.Read().fork ? nullptr : static_cast<const QueuedTask<W>&>(task).join.Read();
  }
  uint32_t StealMore(Worker& victim, int level, const Task<W>& first, uint32_t most);
  uint32_t StealHandful(Worker& victim, int level, std::span<Task<W>*> into);
  bool KeepStolen(Task<W>* task, const Worker& victim, int level, const Join<W>* join);
  Found TakeInjected(NodeId node, int level);
  Found TakeFrom(Injector<W, Task<W>>& injector, NodeId node, int level, bool sent);
  TALLY_INLINE Task<W>* Unpack(Task<W>* taken, NodeId node, Priority priority);
  [[gnu::noinline]] Task<W>* UnpackMany(Task<W>* taken, NodeId node, Priority priority, Nanos now);
  void CountTaken(uint32_t tasks, Nanos now);
  void CountQueueWait(Task<W>* task, Nanos now);
  void SetBegan(Nanos now) { began_ns_.Add(static_cast<uint64_t>(now) - began_ns_.Read()); }
  void KeepInjected(Task<W>* task, NodeId node, Priority priority);
  void TraceTake(Task<W>* task, NodeId node, Priority priority, Place place);
  bool StillThere(Task<W>* task);
  void FoundWhileSearching(int64_t surplus);
  void SetLooks(bool looks) {
    if (crew_.patience == 0) return;
    looks_for_work_.store(looks, std::memory_order_relaxed);  // relaxed: see Looks()
  }
  bool MayLeave();
  Found TakeOldestOf(const Join<W>& join);
  bool GoAway();
  void ComeBack();
  // Whether it is a spare that need not serve any more.
  bool Superfluous() const { return is_spare_ && crew_.spares->MayRest(); }
  bool GoesToRest();
  void GoOnDuty();
  void GoOffDuty();
  void HandOver(int from = 0);
  void Sleep();
  void WakeFor(IdleFacts facts, int64_t surplus, uint32_t most);
  void WakeOne();
  void Wake(WorkerId worker);
  void Woke(Nanos parked_at, Activity next);
  void LearnFromWake();

  // Waiting (worker_wait.h).
  template <class J>
  Found FindForWaiter(J& join, const DequeIndexes& since, QueuedTask<W>*& claimable);
  template <class J>
  Found Reclaim(J& join, QueuedTask<W>*& claimable);
  Found TakeReturned(Fork<W>& fork);
  Found StealFromTenants(uint64_t serial);
  Found StealFromTenant(Worker& tenant, const Tier& tier, uint64_t serial,
                        const typename Tenure<W>::Seen& seen);
  // Whether it is a task of a group with this serial number.
  static bool IsOf(const Task<W>& task, uint64_t serial) {
    const Join<W>* const join = JoinOf(task);
    return join != nullptr && join->serial() == serial;
  }
  void GiveBack(Task<W>* stolen, Priority priority);
  template <class J>
  void ParkInWait(J& join, const DequeIndexes& since, QueuedTask<W>*& claimable);
  bool AllOthersParked() const;
  Found LastResort();
  Task<W>* TakeOldest(int level);
  void RunStranger(const Found& found);
  void Unblock();
  Worker* LeaveNameWithTenant(uint64_t serial);
  void TakeNameBack(Worker* tenant);

  // Where in a deque of ours those lie that were stolen together, as far as we have not popped
  // them; thieves may have taken some.
  struct Mates {
    int64_t first = 0, end = 0;
    bool Any() const { return first < end; }
  };

  // What every fork needs.
  Frame<W>* frame_ = &idle_;
  Crew<W>& crew_;
  const WorkerId id_;
  const uint32_t seat_;
  const NodeId node_;
  const std::vector<Tier>& tiers_;   // other workers, nearest first
  const std::vector<NodeId> nodes_;  // nodes, nearest first
  const bool is_spare_;
  UrgentLook urgent_look_;
  FreeList<W> free_list_;
  Random random_;
  Frame<W> idle_;  // what runs when no task runs
  Tracer<W> tracer_;
  LoopShareList<W> loop_shares_;
  uint64_t groups_made_ = 0;
  Unsettled unsettled_;
  LevelMask shown_ = 0;     // what `levels_` says, for the owner
  bool searching_ = false;  // counts as a searcher in Sleepers
  typename W::Counter last_resorts_;
  bool last_resort_ = false;      // takes one task at a time, see ParkInWait()
  uint32_t door_turn_ = 0;        // which door of an injector we look at first
  bool sent_turn_ = false;        // the node's mailbox was served last, not its injector
  uint32_t blocking_scopes_ = 0;  // that what runs here is in
  int looks_ = 0;                 // in vain, at others' mailboxes, since we had work
  typename W::Parker parker_;
  Turns turns_;
  uint64_t races_lost_ = 0;   // for tasks of others
  WakeLatency wake_latency_;  // our own, measured
  struct {
    Nanos parked_at = 0, woken_at = 0, runs_at = 0;
  } last_wake_;  // for LearnFromWake(); runs_at == 0: it knows
  WorkerCounters<W> counters_;
  TouchCounters<W> touches_;
  typename W::Counter began_ns_;  // when it began what it last took from elsewhere
  std::array<LevelDeque, kPriorities> deques_;
  std::array<Mates, kPriorities> mates_;

  // Written by the owner, read by others.
  [[no_unique_address]] typename W::Line shown_line_;
  alignas(W::kLineBytes) Atomic<uint32_t> levels_{shown_line_, 0};  // LevelMask
  Atomic<uint64_t> accepted_{shown_line_, 0};  // detached tasks, see BasicScheduler::Outstanding()
  Atomic<uint64_t> finished_{shown_line_, 0};
  Atomic<uint32_t> looks_for_work_{shown_line_, 0};  // see Looks(); kept where there are mailboxes
  Tenure<W> tenure_;
  // Written by one who waits for us: his id + 1.
  [[no_unique_address]] typename W::Line helper_line_;
  alignas(W::kLineBytes) Atomic<uint32_t> helper_{helper_line_, 0};
  // Whoever wakes us clears it, so that nobody who parks afterwards takes us for parked still.
  Atomic<uint32_t> blocked_{helper_line_, kAwake};
  // In a BlockingScope, or a spare at rest.
  Atomic<uint32_t> away_{helper_line_, is_spare_ ? 1u : 0u};
  Atomic<Nanos> woken_at_{helper_line_, 0};  // when somebody last woke us
};

// --- spawning ----------------------------------------------------------------------------------

template <class W>
void Worker<W>::Push(Task<W>* task, Priority priority, bool for_others) {
  Deque<W, Task<W>>& deque = DequeOf(priority);
  Show(Level(priority));
  const bool pushed = deque.TryPush(task);
  TALLY_CHECK(pushed, "HasRoom() was true");
  TraceDepth();
  if (ForksSlowly()) deque.Close();
  deque.Offer(/*urgent=*/for_others || priority < Priority::kNormal);
  WakeAfterPush(deque, crew_.sleepers.AfterPublishing());
}

// The deque is full, or the first task of its level comes, or ForksSlowly().
template <class W>
void Worker<W>::PushForkSlowly(Fork<W>& fork, TaskName name) {
  const Priority priority = frame_->priority;
  if (tracer_.on()) fork.id.Write() = NextId(name);
  if (!HasRoom(priority)) {
    CountOverflow();
    fork.set_index(kNotPushed);
    return;
  }
  const int64_t index = frame_->deque->NextIndex();
  if (tracer_.on()) {
    TraceSpawn(fork, Level(priority), fork.join_id(), Place::kOwnDeque, id_.value());
  }
  fork.set_index(ForksSlowly() ? ~index : index);
  Push(&fork, priority);
}

template <class W>
void Worker<W>::Inject(Task<W>* task, NodeId node, Priority priority, bool sent) {
  crew_.PushTo(task, node, priority, sent);
  TraceInjector(node, priority);
  const IdleFacts facts = crew_.sleepers.AfterPublishing();
  if (facts.sleeping == 0) return;
  const uint32_t seat = crew_.ClaimOnNode(facts, node, priority, sent);
  if (seat != Sleepers<W>::kNobody) {
    Wake(crew_.order.WorkerAt(seat));
    return;
  }
  WakeFor(facts, std::max<int64_t>(crew_.InjectorOf(node, priority).Queued(), 1), 1);
}

template <class W>
void Worker<W>::TraceInjector(NodeId node, Priority priority) {
  if (!tracer_.on()) return;
  const int64_t queued = crew_.PeekQueuedAt(node, priority);
  tracer_.Emit(EventKind::kDepth, 0, 0, static_cast<uint32_t>(queued > 0 ? queued : 0),
               node.value(), Event::Detail(priority, Place::kInjector));
}

// --- what others see ---------------------------------------------------------------------------

template <class W>
void Worker<W>::Show(int level) {
  if ((shown_ & (1u << level)) != 0) return;
  shown_ |= 1u << level;
  // relaxed: thieves acquire through the deque; sleepers are ordered by their heavy fence.
  levels_.store(shown_, std::memory_order_relaxed);
  if (level < 2) crew_.urgent.fetch_add(Urgent(level), std::memory_order_relaxed);  // a hint
}

template <class W>
void Worker<W>::Hide(int level) {
  if ((shown_ & (1u << level)) == 0) return;
  shown_ &= ~(1u << level);
  deques_[level].Close();                            // the next push shows it again
  levels_.store(shown_, std::memory_order_relaxed);  // relaxed: as in Show()
  if (level < 2) crew_.urgent.fetch_sub(Urgent(level), std::memory_order_relaxed);
}

// The levels that a thief should look for everywhere, not only nearby.
template <class W>
LevelMask Worker<W>::UrgentLevels() const {
  const uint64_t urgent = crew_.urgent.load(std::memory_order_relaxed);  // a hint
  return (static_cast<uint32_t>(urgent) != 0 ? 1u : 0u) | ((urgent >> 32) != 0 ? 2u : 0u);
}

template <class W>
bool Worker<W>::ShowsWork() const {
  // relaxed: ordered by the reader's heavy fence, see Sleepers.
  if (levels_.load(std::memory_order_relaxed) == 0) return false;
  for (const LevelDeque& deque : deques_) {
    if (deque.Depth() > 0) return true;
  }
  return false;
}

template <class W>
WorkerStats Worker<W>::Stats() const {
  WorkerStats stats = counters_.Snapshot();
  for (const LevelDeque& deque : deques_) stats.executed_inline += deque.PoppedNewest();
  stats.queued = PeekDepth();
  stats.touched = touches_.Read();
  stats.touched_by_type = touches_.ReadByType();
  return stats;
}

template <class W>
DequeIndexes Worker<W>::NextIndexes() const {
  DequeIndexes next;
  for (int level = 0; level < kPriorities; ++level) next[level] = deques_[level].NextIndex();
  return next;
}

template <class W>
int64_t Worker<W>::PeekDepth() const {
  int64_t depth = 0;
  for (const LevelDeque& deque : deques_) depth += deque.PeekDepth();
  return depth;
}

}  // namespace tally

#include "scheduler/runtime/worker_fair.h"  // IWYU pragma: export
#include "scheduler/runtime/worker_find.h"  // IWYU pragma: export
#include "scheduler/runtime/worker_run.h"   // IWYU pragma: export
#include "scheduler/runtime/worker_wait.h"  // IWYU pragma: export
