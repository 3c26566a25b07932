// One worker: its deques, what it is running, and its loop: own queue first, then the injector,
// then stealing, then sleep. worker_find.h has how it finds work, worker_wait.h how it waits.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
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
#include "scheduler/runtime/free_list.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/loop_share.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task.h"
#include "scheduler/runtime/tenure.h"
#include "scheduler/runtime/touch_counters.h"
#include "scheduler/runtime/tracer.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class alignas(W::kLineBytes) Worker {
 public:
  template <class T>
  using Atomic = typename W::template Atomic<T>;

  // What is being run. Kept on the stack while a nested task runs.
  struct Frame {
    TaskId id = 0;        // 0 unless recording
    uint64_t spawns = 0;  // rank of the next spawn, for pedigrees
    uint64_t groups = 0;  // rank of the next group
    Priority priority = Priority::kNormal;
    DequeIndexes began{};  // own deques when the task began: from there on is what it spawned
    Lineage lineage{};     // of the task's group
  };

  // A task that the worker now has to run.
  struct Found {
    Task<W>* task = nullptr;
    Place place = Place::kOwnDeque;  // where it was
    bool bottom = false;             // may not descend from what runs below it on this stack
    int64_t surplus = 0;             // tasks left where it was, a moment ago
  };

  Worker(Crew<W>& crew, WorkerId id, uint64_t seed)
      : crew_(crew),
        id_(id),
        seat_(crew.order.SeatOf(id)),
        node_(crew.topology->pus()[crew.cpus[id.index()].index()].node),
        tiers_(crew.order.TiersOf(id)),
        nodes_(NodesByDistance(*crew.topology, node_)),
        urgent_look_(crew.order.workers()),
        random_(Mix64(seed) ^ Mix64(static_cast<uint64_t>(id.value()) + 1)),
        touches_(crew.topology->nodes().size()) {
    if (crew.recorder != nullptr) tracer_.Attach(crew.recorder->worker_lane(id));
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The worker that the calling thread is, of any scheduler; nullptr outside.
  static Worker* Current() { return static_cast<Worker*>(W::Current()); }

  Crew<W>& crew() { return crew_; }
  WorkerId id() const { return id_; }
  NodeId node() const { return node_; }
  NodeId injector_node() const { return node_.valid() ? node_ : NodeId(0); }
  Frame& frame() { return frame_; }
  Tracer<W>& tracer() { return tracer_; }
  TouchCounters<W>& touches() { return touches_; }
  FreeList<W>& free_list() { return free_list_; }
  LoopShareList<W>& loop_shares() { return loop_shares_; }

  // The body of the worker's thread.
  void Run();
  // Leaves its sleep, if it is in one, to look at the crew's state.
  void Nudge() {
    // relaxed: published by the token; a waker who is overtaken by another falsifies one sample.
    if constexpr (!W::kSimulated) woken_at_.store(W::Now(), std::memory_order_relaxed);
    parker_.Unpark();
  }

  // --- spawning: only on the worker's own thread -----------------------------------------------

  bool HasRoom(Priority priority) { return DequeOf(priority).HasRoom(); }
  // HasRoom() was true. Publishes the task in the own deque and wakes somebody if need be.
  void Push(Task<W>* task, Priority priority);
  // Publishes the task in a node's injector.
  void Inject(Task<W>* task, NodeId node, Priority priority);
  // For a group that the running task makes.
  Lineage NewLineage() {
    return Descend(frame_.lineage, ++groups_made_ * kMaxWorkers * 2 + id_.index());
  }
  // The index that the next Push() gets.
  int64_t NextIndex(Priority priority) const { return deques_[Level(priority)].NextIndex(); }
  // A detached task was accepted.
  void CountAccepted() { CountOne(accepted_); }
  void CountOverflow() { counters_.overflows.Add(1); }

  // --- running: only on the worker's own thread ------------------------------------------------

  void Execute(const Found& found);
  // Runs `run` (which throws nothing) as a task that was never queued, or that its spawner has
  // popped again: no queue, no counters but one, and no frame unless somebody records.
  template <class F>
  void RunInPlace(TaskId id, uint32_t name_hash, Priority priority, Place place, const F& run);
  // Takes back the Invoke child that was pushed at `index`; false if it was stolen. Tasks pushed
  // after it come first and are run.
  bool PopChild(Task<W>* child, Priority priority, int64_t index);
  // Helps until the group's tasks are over. `since`: own deques when the group was made; tasks from
  // there on are of the group, or were spawned after it by what waits.
  void HelpUntil(Join<W>& join, const DequeIndexes& since);
  DequeIndexes NextIndexes() const;
  // Lets go of a claimable task's second place.
  void Release(Task<W>* task);

  // --- from any thread -------------------------------------------------------------------------

  // Whether the own deques hold, or did a moment ago, something to steal.
  bool ShowsWork() const;
  WorkerStats Stats() const;
  // acquire: pairs with CountOne().
  uint64_t Accepted() const { return accepted_.load(std::memory_order_acquire); }
  uint64_t Finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  static constexpr uint32_t kDequeCapacity = 512;

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

  // Running.
  void KeepException(Join<W>* join);
  void Retire(Task<W>* task, const typename Task<W>::Body& body);

  // Which levels thieves should look at.
  void Show(int level);
  void Hide(int level);
  static uint64_t Urgent(int level) { return uint64_t{1} << (32 * level); }
  LevelMask UrgentLevels() const;

  // Finding (worker_find.h).
  Found NextLocal();
  Found LookFar();
  Found LookForUrgent(LevelMask urgent, LevelMask& missed);
  Task<W>* PopOldest(int level);
  void CountTurn(const NextTask& next, LevelMask missed);
  int64_t InjectorQueued(NodeId node, int level) const {
    return crew_.InjectorOf(node, static_cast<Priority>(level)).Queued();
  }
  Found Search();
  Found Sweep(bool far);
  Found SweepVictims(LevelMask levels, int best);
  Offer OfferOf(LevelMask levels) const;
  Found StealFrom(uint32_t seat, int level, const Tier& tier);
  void CountStealFail(const Worker& victim, const Tier& tier, Attempt attempt);
  void CountStolen(const Worker& victim, const Tier& tier, uint32_t tasks);
  void TraceSteal(Task<W>* task, const Worker& victim, Place place);
  Found TakeInjected(NodeId node, int level);
  void CountTaken(uint32_t tasks);
  void SetBegan(Nanos now) { began_ns_.Add(static_cast<uint64_t>(now) - began_ns_.Read()); }
  void KeepInjected(Task<W>* task, NodeId node, Priority priority);
  void TraceTake(Task<W>* task, NodeId node, Priority priority, Place place);
  bool StillThere(Task<W>* task);
  void FoundWhileSearching(int64_t surplus);
  bool MayLeave();
  void Sleep();
  void WakeFor(IdleFacts facts, int64_t surplus, uint32_t most);
  void WakeOne();
  void Wake(WorkerId worker);
  void Woke(Nanos parked_at, Activity next);

  // Waiting (worker_wait.h).
  Found FindForWaiter(Join<W>& join, const DequeIndexes& since, Task<W>*& claimable);
  Found Reclaim(Join<W>& join, Task<W>*& claimable);
  Found StealFromTenant(Join<W>& join);
  Found StealFromTenant(Worker& tenant, const Tier& tier, const typename Tenure<W>::Seen& seen);
  void ParkInWait(Join<W>& join);
  void Unblock();
  Worker* LeaveNameWithTenant(const Join<W>& join);

  Crew<W>& crew_;
  const WorkerId id_;
  const uint32_t seat_;
  const NodeId node_;
  const std::vector<Tier>& tiers_;   // other workers, nearest first
  const std::vector<NodeId> nodes_;  // nodes, nearest first
  UrgentLook urgent_look_;
  Random random_;
  Frame frame_;
  Tracer<W> tracer_;
  FreeList<W> free_list_;
  LoopShareList<W> loop_shares_;
  uint64_t groups_made_ = 0;
  LevelMask shown_ = 0;       // what `levels_` says, for the owner
  bool searching_ = false;    // counts as a searcher in Sleepers
  bool last_resort_ = false;  // takes one task at a time, see ParkInWait()
  typename W::Parker parker_;
  Turns turns_;
  uint64_t races_lost_ = 0;   // for tasks of others
  WakeLatency wake_latency_;  // our own, measured
  WorkerCounters<W> counters_;
  TouchCounters<W> touches_;
  typename W::Counter began_ns_;  // when it began what it last took from elsewhere
  std::array<LevelDeque, kPriorities> deques_;

  // Written by the owner, read by others.
  [[no_unique_address]] typename W::Line shown_line_;
  alignas(W::kLineBytes) Atomic<uint32_t> levels_{shown_line_, 0};  // LevelMask
  Atomic<uint64_t> accepted_{shown_line_, 0};  // detached tasks, see BasicScheduler::Outstanding()
  Atomic<uint64_t> finished_{shown_line_, 0};
  Tenure<W> tenure_;
  // Written by one who waits for us: his id + 1.
  [[no_unique_address]] typename W::Line helper_line_;
  alignas(W::kLineBytes) Atomic<uint32_t> helper_{helper_line_, 0};
  // Whoever wakes us clears it, so that nobody who parks afterwards takes us for parked still.
  Atomic<uint32_t> counts_as_blocked_{helper_line_, 0};
  Atomic<Nanos> woken_at_{helper_line_, 0};  // when somebody last woke us
};

// --- spawning ----------------------------------------------------------------------------------

template <class W>
void Worker<W>::Push(Task<W>* task, Priority priority) {
  DequeOf(priority).Push(task);
  Show(Level(priority));
  TraceDepth();
  const IdleFacts facts = crew_.sleepers.AfterPublishing();
  if (facts.sleeping != 0) WakeFor(facts, std::max<int64_t>(DequeOf(priority).Depth(), 1), 1);
}

template <class W>
void Worker<W>::Inject(Task<W>* task, NodeId node, Priority priority) {
  crew_.InjectorOf(node, priority).Push(task);
  TraceInjector(node, priority);
  const IdleFacts facts = crew_.sleepers.AfterPublishing();
  if (facts.sleeping == 0) return;
  const uint32_t seat = crew_.ClaimOnNode(facts, node, priority);
  if (seat != Sleepers<W>::kNobody) {
    Wake(crew_.order.WorkerAt(seat));
    return;
  }
  WakeFor(facts, std::max<int64_t>(crew_.InjectorOf(node, priority).Queued(), 1), 1);
}

template <class W>
void Worker<W>::TraceInjector(NodeId node, Priority priority) {
  if (!tracer_.on()) return;
  const int64_t queued = crew_.InjectorOf(node, priority).PeekQueued();
  tracer_.Emit(EventKind::kDepth, 0, 0, static_cast<uint32_t>(queued > 0 ? queued : 0),
               node.value(), Event::Detail(priority, Place::kInjector));
}

// --- running -----------------------------------------------------------------------------------

template <class W>
void Worker<W>::Execute(const Found& found) {
  Task<W>* const task = found.task;
  const typename Task<W>::Body body = task->body.Read();
  // relaxed: a cancelled shutdown drops what has not started, sooner or later. An Invoke child is a
  // part of its parent, which has.
  const bool dropped =
      !body.on_stack && !body.part && crew_.cancelled.load(std::memory_order_relaxed) != 0;
  const Frame below =
      std::exchange(frame_, {.id = body.id,
                             .spawns = 0,
                             .groups = 0,
                             .priority = body.priority,
                             .began = NextIndexes(),
                             .lineage = body.join != nullptr ? body.join->lineage() : Lineage{}});
  typename Tenure<W>::Record tenure_below;
  if (found.bottom) tenure_below = tenure_.Set({.lineage = frame_.lineage, .began = frame_.began});
  const uint8_t detail = Event::Detail(body.priority, found.place);
  if (tracer_.on()) tracer_.Emit(EventKind::kBegin, body.id, 0, body.name_hash, -1, detail);
  if (dropped) {
    crew_.dropped.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
    body.closure(task, Task<W>::Act::kDrop);
  } else {
    try {
      body.closure(task, Task<W>::Act::kRun);
    } catch (...) {
      KeepException(body.join);
    }
    counters_.executed[Level(body.priority)].Add(1);
  }
  if (tracer_.on()) tracer_.Emit(EventKind::kEnd, body.id, 0, dropped ? 1 : 0, -1, detail);
  if (found.bottom) tenure_.Set(tenure_below);
  frame_ = below;
  Retire(task, body);
}

template <class W>
template <class F>
void Worker<W>::RunInPlace(TaskId id, uint32_t name_hash, Priority priority, Place place,
                           const F& run) {
  counters_.executed_inline.Add(1);
  if (!tracer_.on()) {
    run();
    return;
  }
  const Frame below = std::exchange(frame_, {.id = id,
                                             .spawns = 0,
                                             .groups = 0,
                                             .priority = priority,
                                             .began = frame_.began,
                                             .lineage = frame_.lineage});
  const uint8_t detail = Event::Detail(priority, place);
  tracer_.Emit(EventKind::kBegin, id, 0, name_hash, -1, detail);
  run();
  tracer_.Emit(EventKind::kEnd, id, 0, 0, -1, detail);
  frame_ = below;
}

template <class W>
bool Worker<W>::PopChild(Task<W>* child, Priority priority, int64_t index) {
  while (Task<W>* task = DequeOf(priority).Pop(index)) {
    TraceDepth();
    if (task == child) return true;
    Execute({task, Place::kOwnDeque, false});
  }
  TraceDepth();
  return false;
}

template <class W>
void Worker<W>::KeepException(Join<W>* join) {
  if (join != nullptr) {
    join->Keep(std::current_exception());
    return;
  }
  crew_.KeepUncaught(std::current_exception());
}

// The task is over: frees it and tells whoever waits. `task` and its group may be gone afterwards.
template <class W>
void Worker<W>::Retire(Task<W>* task, const typename Task<W>::Body& body) {
  if (body.claimable) {
    Release(task);
  } else if (!body.on_stack) {
    free_list_.Free(task);
  }
  if (body.join != nullptr) {
    const typename Join<W>::Waiter waiter = body.join->Finish();
    if (waiter.worker.valid()) Wake(waiter.worker);
    if (waiter.outside != nullptr) waiter.outside->Unpark();
  }
  if (body.counted) CountOne(finished_);
}

template <class W>
void Worker<W>::Release(Task<W>* task) {
  // acq_rel: the last one frees; it must have seen the other's use.
  if (task->references.fetch_sub(1, std::memory_order_acq_rel) == 1) free_list_.Free(task);
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
  stats.queued = PeekDepth();
  stats.touched = touches_.Read();
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
#include "scheduler/runtime/worker_wait.h"  // IWYU pragma: export
