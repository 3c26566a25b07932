// What the workers of one scheduler share: each other, the injectors, who sleeps, and whether to
// stop.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "numa/ids.h"
#include "numa/page_homes.h"
#include "numa/slab_pool.h"
#include "numa/topology.h"
#include "scheduler/concurrent/injector.h"
#include "scheduler/concurrent/sleepers.h"
#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/stand_ins.h"
#include "scheduler/policy/victims.h"
#include "scheduler/runtime/entrance.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/mailbox.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/runtime/task.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recorder.h"

namespace tally {

template <class W>
class Worker;
template <class W>
class Spares;

// Running, Draining (outside threads are refused), Stopping (idle workers leave), Stopped; never
// back.
enum class CrewState : uint32_t { kRunning, kDraining, kStopping, kStopped };

template <class W>
struct Crew {
  template <class T>
  using Atomic = typename W::template Atomic<T>;

  Crew(std::shared_ptr<const Topology> machine, const std::vector<CpuId>& worker_cpus,
       uint32_t spare_workers = 0)
      : topology(std::move(machine)),
        size(static_cast<uint32_t>(worker_cpus.size())),
        cpus(WithSpares(worker_cpus, spare_workers)),
        order(*topology, cpus),
        injectors(topology->nodes().size()),
        slabs(*topology),
        entrance(slabs, order.workers()),
        sleepers(order.workers()) {}

  struct NodeInjectors {
    std::array<Injector<W, Task<W>>, kPriorities> level;
    Mailbox<W> mailbox;
    uint32_t workers = 0;  // whose home this node is
  };

  // Fixed once the workers run.
  std::shared_ptr<const Topology> topology;
  const uint32_t size;      // workers, without the spares that stand in for them
  std::vector<CpuId> cpus;  // by WorkerId; the spares' at the end
  VictimOrder order;
  std::vector<NodeInjectors> injectors;  // by NodeId
  SlabPool slabs;                        // of tasks
  Entrance<W> entrance;
  std::vector<std::unique_ptr<Worker<W>>> workers;  // by WorkerId
  std::vector<NodeId> fed_nodes;                    // nodes with workers
  Recorder* recorder = nullptr;
  bool count_touches = false;
  Nanos patience = 0;  // with tasks in mailboxes; 0: there are none
  bool critical_at_once = false;
  std::unique_ptr<Spares<W>> spares;

  HomeCache homes{*topology};  // of the real world's memory

  Sleepers<W> sleepers;

  [[no_unique_address]] typename W::Line state_line;
  alignas(W::kLineBytes) Atomic<CrewState> state{state_line, CrewState::kRunning};
  Atomic<uint32_t> cancelled{state_line, 0};  // Stopping drops what has not started
  Atomic<uint32_t> hot{state_line, 0};        // KeepHot scopes
  typename W::Parker drained;                 // where Shutdown() waits

  // How many workers show a Critical (low half) or High (high half) task, and how many of them lie
  // in the injectors of several nodes: lets workers look far only when there is a reason.
  [[no_unique_address]] typename W::Line urgent_line;
  alignas(W::kLineBytes) Atomic<uint64_t> urgent{urgent_line, 0};

  // Workers that are parked inside a Wait, block without a stand-in, or have left.
  [[no_unique_address]] typename W::Line blocked_line;
  alignas(W::kLineBytes) Atomic<uint32_t> blocked{blocked_line, 0};

  // Of MachineWatch: whether it rests because all workers sleep, and what wakes it.
  struct Watch {
    [[no_unique_address]] typename W::Line line;
    alignas(W::kLineBytes) Atomic<uint32_t> rests{line, 0};
    typename W::Parker bell;
  };
  Watch watch;

  // Serial numbers of outside threads' tasks and groups.
  [[no_unique_address]] typename W::Line outside_line;
  alignas(W::kLineBytes) Atomic<uint64_t> outside_tasks{outside_line, 0};  // while recording
  Atomic<uint64_t> outside_groups{outside_line, 0};

  // Exceptions that left a detached task, and tasks dropped by a cancelled shutdown. Rare.
  [[no_unique_address]] typename W::Line rare_line;
  alignas(W::kLineBytes) Atomic<uint64_t> uncaught{rare_line, 0};
  Atomic<uint64_t> dropped{rare_line, 0};
  typename W::template Plain<std::exception_ptr> first_uncaught;

  Worker<W>& At(WorkerId worker) { return *workers[worker.index()]; }
  Worker<W>& AtSeat(uint32_t seat) { return At(order.WorkerAt(seat)); }

  // How a worker's Run() ends.
  enum class Left : uint8_t { kForGood, kToRest };

  // acquire: pairs with the stores in Shutdown(): what it decided before is visible.
  CrewState State() const { return state.load(std::memory_order_acquire); }
  bool Stopping() const { return State() >= CrewState::kStopping; }
  // Whether workers without work stay awake. Shutdown() waits for their sleep. relaxed: a nudge
  // follows the first scope, and the last one's end may be seen late.
  bool Hot() const {
    return hot.load(std::memory_order_relaxed) != 0 && State() == CrewState::kRunning;
  }

  // A worker has left its sleep.
  void EndWatchRest() {
    if constexpr (!W::kSimulated) {
      W::LightFence();  // see MachineWatch
      // relaxed, twice: ordered by the fences; one of those who wake rings.
      if (watch.rests.load(std::memory_order_relaxed) == 0) return;
      if (watch.rests.exchange(0, std::memory_order_relaxed) != 0) watch.bell.Unpark();
    }
  }

  Injector<W, Task<W>>& InjectorOf(NodeId node, Priority priority) {
    return injectors[node.index()].level[static_cast<int>(priority)];
  }
  // Of its injectors.
  LevelMask OpenLevels(const NodeInjectors& of_node) const {
    LevelMask levels = 0;
    for (int level = 0; level < kPriorities; ++level) {
      if (of_node.level[level].Any()) levels |= 1u << level;
    }
    return levels;
  }
  // Of its mailbox too.
  LevelMask InjectedLevels(NodeId node) const {
    const NodeInjectors& of_node = injectors[node.index()];
    LevelMask levels = OpenLevels(of_node);
    if (patience == 0) return levels;
    for (int level = 0; level < kPriorities; ++level) {
      if (!Mailbox<W>::Takes(level)) continue;
      if (of_node.mailbox.Of(level).Any()) levels |= 1u << level;
    }
    return levels;
  }

  // Whether a task that is sent to `node` by name belongs into its mailbox. With one node, and
  // without workers there, there is nobody to leave it to.
  bool Keeps(NodeId node, Priority priority) const {
    return patience != 0 && injectors.size() > 1 && node.valid() &&
           node.index() < injectors.size() && injectors[node.index()].workers > 0 &&
           Mailbox<W>::Takes(static_cast<int>(priority));
  }
  // Whether a worker of node `by` may take from the mailbox of `node`.
  bool MayTakeSent(NodeId node, NodeId by) const {
    if (patience == 0) return false;
    if (node == by || Stopping()) return true;
    return injectors[node.index()].mailbox.MayBeRobbed(patience, [&] { return IsComing(node); });
  }
  // Whether one of the node's workers looks for work, or will once it wakes.
  bool IsComing(NodeId node) const {
    const SeatRange seats = order.SeatsOf(node);
    for (uint32_t seat = seats.first; seat < seats.last; ++seat) {
      if (workers[order.WorkerAt(seat).index()]->Looks()) return true;
    }
    return false;
  }
  // Whether another node than `by` has tasks in its mailbox that its workers may not take yet.
  bool AnySentElsewhere(NodeId by) const {
    if (patience == 0) return false;
    for (size_t node = 0; node < injectors.size(); ++node) {
      if (node != by.index() && injectors[node].mailbox.Any()) return true;
    }
    return false;
  }

  // Whether there is, or was a moment ago, work that any worker could take; or a worker of node
  // `by`, if that is valid.
  bool AnyQueued(NodeId by = NodeId()) const {
    for (size_t n = 0; n < injectors.size(); ++n) {
      const NodeId node(static_cast<int32_t>(n));
      if (OpenLevels(injectors[n]) != 0) return true;
      if (patience == 0 || !injectors[n].mailbox.Any()) continue;
      if (!by.valid() || MayTakeSent(node, by)) return true;
    }
    for (const std::unique_ptr<Worker<W>>& worker : workers) {
      if (worker->ShowsWork()) return true;
    }
    return false;
  }

  // Detached tasks, and outside threads' group tasks, that are not over. Finished are counted
  // first: so zero means that there was a moment at which none was outstanding (nothing is finished
  // before it is accepted).
  uint64_t Outstanding() const {
    uint64_t finished = 0;
    for (const std::unique_ptr<Worker<W>>& worker : workers) finished += worker->Finished();
    uint64_t accepted = entrance.Count();
    for (const std::unique_ptr<Worker<W>>& worker : workers) accepted += worker->Accepted();
    return accepted - finished;
  }

  void NudgeAll() {
    for (const std::unique_ptr<Worker<W>>& worker : workers) worker->Nudge();
  }

  // Nobody waits for what threw this.
  void KeepUncaught(std::exception_ptr exception) {
    // acq_rel: one winner, whose pointer Shutdown() reads after the threads have been joined.
    if (uncaught.fetch_add(1, std::memory_order_acq_rel) == 0) {
      first_uncaught.Write() = std::move(exception);
    }
  }

  void PushTo(Task<W>* task, NodeId node, Priority priority, bool sent) {
    QueueFor(1, node, priority, sent).Push(task, /*hints=*/recorder == nullptr);
  }
  // As Injector::PushChain(), into a node's injector or, if `sent`, mailbox.
  void PushChainTo(Task<W>* oldest, Task<W>* newest, int64_t count, NodeId node, Priority priority,
                   bool sent) {
    QueueFor(count, node, priority, sent).PushChain(oldest, newest, count);
  }
  // Where `count` tasks are about to come.
  Injector<W, Task<W>>& QueueFor(int64_t count, NodeId node, Priority priority, bool sent) {
    if (sent) return injectors[node.index()].mailbox.Receive(static_cast<int>(priority));
    CountUrgent(priority, count);
    return InjectorOf(node, priority);
  }
  // For pictures: the injector's and the mailbox's.
  int64_t PeekQueuedAt(NodeId node, Priority priority) {
    const int level = static_cast<int>(priority);
    const int64_t queued = InjectorOf(node, priority).PeekQueued();
    if (patience == 0 || !Mailbox<W>::Takes(level)) return queued;
    return queued + injectors[node.index()].mailbox.Of(level).PeekQueued();
  }

  // Before tasks are pushed into an injector, or after they were taken (negative). Where there are
  // several nodes, workers do not look into each other's injectors while they have work; urgent
  // tasks there are therefore part of the hint.
  void CountUrgent(Priority priority, int64_t tasks) {
    const int level = static_cast<int>(priority);
    if (level >= 2 || injectors.size() < 2) return;
    // relaxed: a hint. Modulo 2^64, so a negative number subtracts.
    urgent.fetch_add(static_cast<uint64_t>(tasks) << (32 * level), std::memory_order_relaxed);
  }

  // Where the `rank`-th task from outside goes that nobody has sent anywhere: nodes with workers in
  // turn.
  NodeId HomeFor(uint64_t rank) const {
    return fed_nodes.empty() ? NodeId(0) : fed_nodes[rank % fed_nodes.size()];
  }

  // An outside thread publishes a task, which state and accounts allow. Wakes one of the node's
  // workers, whoever searches elsewhere; if none of them sleeps, anyone.
  void InjectFromOutside(Task<W>* task, NodeId node, Priority priority, bool sent) {
    const uint32_t spare = ReserveSpareFor(priority, node);
    PushTo(task, node, priority, sent);
    AfterInjecting(node, priority, sent, spare);
  }
  // Before the first of some tasks is published, while Shutdown() has to wait for it: the spare
  // that AfterInjecting() calls in; most often StandIns::kNobody.
  uint32_t ReserveSpareFor(Priority priority, NodeId node) {
    if (priority != Priority::kCritical || !critical_at_once) return StandIns::kNobody;
    return spares->ReserveForCritical(node);
  }
  // The same after more than one.
  void AfterInjecting(NodeId node, Priority priority, bool sent, uint32_t spare) {
    if (spare != StandIns::kNobody) spares->CallIn(spare);
    if (recorder != nullptr) {
      const int64_t queued = PeekQueuedAt(node, priority);
      EmitOutside(EventKind::kDepth, 0, 0, static_cast<uint32_t>(queued > 0 ? queued : 0),
                  node.value(), Event::Detail(priority, Place::kInjector));
    }
    if (WakeForInjected(node, priority, sent)) return;
    // All workers may be parked in waits, the last of them after it had looked in vain. One looks
    // again. relaxed: ordered by the fences of the publisher and of ParkInWait().
    if (blocked.load(std::memory_order_relaxed) >= size) NudgeAll();
  }

  // A sleeper of the node, now a searcher whom the caller must unpark, for a task just sent there;
  // nobody if none is needed.
  uint32_t ClaimOnNode(IdleFacts facts, NodeId node, Priority priority, bool sent) {
    const SeatRange seats = order.SeatsOf(node);
    // Whoever is awake elsewhere may not take what was sent, so the node's own are not waited for.
    if (sent || facts.searching == 0) return sleepers.ClaimIn(seats);
    const int64_t queued = std::max<int64_t>(InjectorOf(node, priority).Queued(), 1);
    if (!WakesOnNode(injectors[node.index()].workers, sleepers.SleepingIn(seats), queued)) {
      return Sleepers<W>::kNobody;
    }
    return sleepers.ClaimIn(seats);
  }

  // An outside waiter lets go of its group's list, all of which has run.
  void ReleaseClaimable(Join<W>& join) {
    QueuedTask<W>* task = join.TakeClaimable();
    while (task != nullptr) {
      QueuedTask<W>* const next = task->next_claimable.Read();
      if (task->LeavePlace()) entrance.Free(task);
      task = next;
    }
  }

  // From outside. False: nobody needed to be woken, or could be.
  bool WakeForInjected(NodeId node, Priority priority, bool sent) {
    const IdleFacts facts = sleepers.AfterPublishing();
    if (facts.sleeping == 0) return false;
    uint32_t seat = ClaimOnNode(facts, node, priority, sent);
    if (seat == Sleepers<W>::kNobody) {
      const int64_t surplus = std::max<int64_t>(InjectorOf(node, priority).Queued(), 1);
      if (WakesFor(facts, size, surplus, 1) == 0) return false;
      seat = sleepers.ClaimAny();
    }
    if (seat == Sleepers<W>::kNobody) return false;
    const WorkerId worker = order.WorkerAt(seat);
    if (recorder != nullptr) EmitOutside(EventKind::kWake, 0, 0, 0, worker.value(), 0);
    At(worker).Nudge();
    return true;
  }

  void EmitOutside(EventKind kind, TaskId task, uint64_t arg, uint32_t aux, int32_t peer,
                   uint8_t detail) {
    recorder->EmitExternal({.time = W::Now(),
                            .task = task,
                            .arg = arg,
                            .aux = aux,
                            .peer = static_cast<int16_t>(peer),
                            .kind = kind,
                            .detail = detail});
  }
};

}  // namespace tally
