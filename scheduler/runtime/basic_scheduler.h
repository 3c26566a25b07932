// BasicScheduler<World>: workers on a machine, and the way to give them tasks.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "numa/binding.h"
#include "numa/bound_memory.h"
#include "numa/check.h"
#include "numa/effective_cpus.h"
#include "numa/ids.h"
#include "numa/kernel_grants.h"
#include "numa/page_homes.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/policy/stand_ins.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/machine_watch.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/runtime/self_recording.h"
#include "scheduler/runtime/spares.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/spawn_batch.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/watchdog.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/world/thread_heritage.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W>
class BasicTaskGroup;
template <class W>
class BasicKeepHot;

namespace internal {
inline absl::Status Refused() {
  return absl::FailedPreconditionError("the scheduler is shutting down and accepts no more tasks");
}
}  // namespace internal

template <class W>
class BasicScheduler {
 public:
  // Starts the workers. InvalidArgument, saying what to type instead, for impossible options;
  // ResourceExhausted when the kernel grants too few threads.
  static absl::StatusOr<std::unique_ptr<BasicScheduler>> Create(SchedulerOptions options = {});

  // Drains and stops, as Shutdown({}). No other thread may be in a call of the scheduler's any
  // more.
  ~BasicScheduler();
  BasicScheduler(const BasicScheduler&) = delete;
  BasicScheduler& operator=(const BasicScheduler&) = delete;

  // Runs `closure()` some time, on some worker: fire and forget. From any thread. Tasks of one
  // priority level that one outside thread submits start in about the order of submission
  // (docs/scheduling.md says how nearly). A closure of up to 16 KiB costs no call of the heap.
  // FailedPrecondition once Shutdown() has begun (tasks may still submit while it drains);
  // InvalidArgument for a node that does not exist.
  template <class F>
  absl::Status Submit(F&& closure, const TaskOptions& options = {});

  // Submits `count` tasks that call body(0) to body(count - 1), each with a copy of `body`; none if
  // count <= 0. From outside: all or none, also where copying `body` throws; for one push and one
  // look for sleepers per node, instead of one per task. Without a node, the nodes with workers
  // share the tasks: the first of them gets the first ones, and so on. From a task: as so many
  // Submit(). Errors as Submit().
  template <class F>
  absl::Status SubmitBatch(int64_t count, const F& body, const TaskOptions& options = {});

  // Stops accepting from outside, waits for what was submitted (or drops what has not started),
  // stops the workers. With a deadline that passes, returns an incomplete report, still draining;
  // call it again to go on. FailedPrecondition from one of the scheduler's own tasks, which would
  // wait for itself.
  // By one thread at a time.
  absl::StatusOr<ShutdownReport> Shutdown(const ShutdownOptions& options = {});

  // Stops nobody; each number is recent, not all of one moment.
  SchedulerStats Stats() const;
  // What was asked of the kernel, what it granted, and why, as of the last look
  // (SchedulerOptions::recheck_interval_ns). The reference stays good; later changes make another
  // report.
  const PlacementReport& Placement() const {
    if constexpr (W::kSimulated) return placement_;
    // acquire: pairs with the release in LookAtMachine().
    return *placement_now_.load(std::memory_order_acquire);
  }
  // As of this very moment. Workers and memory that the kernel has taken from where they were bound
  // are bound again, where it lets them. About 0.1 ms; more if memory moves.
  PlacementReport PlacementNow() const {
    return W::kSimulated ? placement_ : CheckPlacementNow(*crew_.topology, placement_);
  }
  const Topology& topology() const { return *crew_.topology; }
  int workers() const { return static_cast<int>(crew_.size); }
  // The node that holds the page of `pointer`, for TaskOptions::node; -1 (any node) where nobody
  // knows: an untouched page, no permission, a topology that is not this machine. Asks the kernel
  // once a page and remembers; who moves pages behind Tally's back calls ForgetHomes().
  NodeId HomeOf(const void* pointer) {
    if constexpr (W::kSimulated) {
      return W::HomeOf(pointer);
    } else {
      return crew_.homes.HomeOf(pointer);
    }
  }
  void ForgetHomes() { crew_.homes.Forget(); }
  // Whether the calling thread is one of this scheduler's workers.
  bool OnWorker() const { return internal::WorkerOf(crew_) != nullptr; }

 private:
  template <class>
  friend class BasicTaskGroup;
  template <class>
  friend class BasicKeepHot;

  BasicScheduler(const SchedulerPlan& plan, uint32_t spares)
      : crew_(plan.topology, plan.cpus, spares),
        threads_(plan.cpus.size()),
        spare_threads_(spares) {}

  absl::Status Start(const SchedulerOptions& options);
  void MakeSpares(const SchedulerOptions& options);
  std::vector<uint32_t> WorkersByOsCpu() const;
  void StopWorkers();
  absl::Status CheckNode(NodeId node) const;
  void StartWatch(const SchedulerOptions& options);
  void LookAtMachine(const std::function<void(const PlacementReport&)>& on_change);
  void RunHook(const std::function<void(WorkerId)>& hook, WorkerId worker);
  ShutdownReport Report(bool complete) const;

  std::unique_ptr<SelfRecording> self_recording_;  // TALLY_RECORD; outlives the crew
  Crew<W> crew_;
  std::vector<typename W::Thread> threads_;
  std::vector<std::optional<typename W::Thread>> spare_threads_;  // nullopt: not started
  std::function<void(WorkerId)> on_worker_start_, on_worker_stop_;
  std::optional<Watchdog<W>> watchdog_;
  std::optional<MachineWatch<W>> machine_watch_;
  PlacementReport placement_;  // as of the start
  uint64_t bound_again_ = 0;   // as of the last look
  // Later ones, each different; by the watch's thread. One that comes again is not kept twice.
  std::vector<std::unique_ptr<const PlacementReport>> later_placements_;
  typename W::Line placement_line_;
  typename W::template Atomic<const PlacementReport*> placement_now_{placement_line_, &placement_};
};

template <class W>
absl::StatusOr<std::unique_ptr<BasicScheduler<W>>> BasicScheduler<W>::Create(
    SchedulerOptions options) {
  absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, W::kSimulated);
  if (!plan.ok()) return plan.status();
  std::unique_ptr<SelfRecording> self_recording;
  if constexpr (!W::kSimulated) {
    if (options.recorder == nullptr) {
      absl::StatusOr<std::unique_ptr<SelfRecording>> recording =
          SelfRecording::FromEnvironment(*plan, options);
      if (!recording.ok()) return recording.status();
      self_recording = *std::move(recording);
      if (self_recording != nullptr) options.recorder = self_recording->recorder();
    }
  }
  // Each with a lane, if somebody records.
  const uint32_t spares =
      options.recorder == nullptr
          ? plan->spares
          : std::min(plan->spares,
                     options.recorder->SparesOf(static_cast<uint32_t>(plan->cpus.size())));
  std::unique_ptr<BasicScheduler> scheduler(new BasicScheduler(*plan, spares));
  scheduler->placement_.sizing = plan->sizing;
  scheduler->self_recording_ = std::move(self_recording);
  if (absl::Status status = scheduler->Start(options); !status.ok()) return status;
  return scheduler;
}

template <class W>
absl::Status BasicScheduler<W>::Start(const SchedulerOptions& options) {
  const uint32_t count = crew_.size;
  crew_.recorder = options.recorder;
  crew_.count_touches = options.count_touches || options.recorder != nullptr;
  if (crew_.injectors.size() > 1) {  // or there is nobody to be patient with
    crew_.patience =
        std::max<Nanos>(0, options.patience_ns.value_or(W::kSimulated ? 0 : kPatienceNanos));
  }
  crew_.critical_at_once = options.critical_at_once.value_or(count > 1);
  on_worker_start_ = options.on_worker_start;
  on_worker_stop_ = options.on_worker_stop;
  placement_.policy = options.placement.policy;
  placement_.workers.resize(count);
  for (uint32_t w = 0; w < count; ++w) {
    const WorkerId id(static_cast<int32_t>(w));
    crew_.workers.push_back(std::make_unique<Worker<W>>(crew_, id, options.seed));
    ++crew_.injectors[crew_.At(id).injector_node().index()].workers;
  }
  MakeSpares(options);
  for (size_t node = 0; node < crew_.injectors.size(); ++node) {
    if (crew_.injectors[node].workers > 0) {
      crew_.fed_nodes.push_back(NodeId(static_cast<int32_t>(node)));
    }
  }
  // Workers begin once all are bound, so that Placement() is complete and nobody looks at a crew
  // that is still growing.
  typename W::Line line;
  typename W::template Atomic<uint32_t> unbound{line, count};
  typename W::Parker all_bound;
  absl::Status status;
  uint32_t started = 0;
  for (; started < count && status.ok(); ++started) {
    const WorkerId id(static_cast<int32_t>(started));
    const CpuId cpu = crew_.cpus[started];
    const bool bind = options.bind && !W::kSimulated;
    status = threads_[started].Start(
        {.worker = id, .cpu = cpu, .name = absl::StrCat(options.thread_name, "-", started)},
        [this, id, cpu, bind, unit = BindingUnitOf(options), &unbound, &all_bound] {
          Binding& binding = placement_.workers[id.index()];
          binding.asked = cpu;
          if (bind) {
            binding = BindThisThread(*crew_.topology, cpu, unit);
          } else {
            binding.why = W::kSimulated ? "simulated" : kNotAsked;
          }
          // acq_rel: the last one publishes everybody's bindings to Start().
          if (unbound.fetch_sub(1, std::memory_order_acq_rel) == 1) all_bound.Unpark();
          RunHook(on_worker_start_, id);
          crew_.At(id).Run();
          RunHook(on_worker_stop_, id);
        });
  }
  if (!status.ok()) --started;
  // The threads that were not started count as bound.
  const uint32_t missing = count - started;
  if (missing == 0 || unbound.fetch_sub(missing, std::memory_order_acq_rel) != missing) {
    all_bound.Park();
  }
  if (!status.ok()) {
    StopWorkers();
    return absl::Status(status.code(), absl::StrCat("only ", started, " of ", count,
                                                    " workers started: ", status.message()));
  }
  if constexpr (!W::kSimulated) {
    placement_.effective = ReadEffectiveCpus(*crew_.topology);
    placement_.memory = WhyMemoryCannotBePlaced(*crew_.topology);
    placement_.lost_memory = DescribeLostMemory();
    bound_again_ = TimesMemoryWasBoundAgain();
  }
  DescribePlacement(*crew_.topology, W::kSimulated, placement_);
  StartWatch(options);
  if (!options.watchdog.value_or(IsDebugBuild() && !W::kSimulated)) return absl::OkStatus();
  watchdog_.emplace(crew_, options.on_stall);
  status = watchdog_->Start(options.watchdog_interval_ns);
  if (!status.ok()) StopWorkers();
  return status;
}

template <class W>
void BasicScheduler<W>::StartWatch(const SchedulerOptions& options) {
  if (W::kSimulated || options.recheck_interval_ns <= 0) return;
  if (!crew_.topology->is_this_machine()) return;
  machine_watch_.emplace(
      crew_, [this, on_change = options.on_placement_change] { LookAtMachine(on_change); });
  if (machine_watch_->Start(options.recheck_interval_ns).ok()) return;
  placement_.degraded.push_back(
      "Nobody looks whether the machine changes: the kernel grants no more threads.");
}

// On the watch's thread.
template <class W>
void BasicScheduler<W>::LookAtMachine(
    const std::function<void(const PlacementReport&)>& on_change) {
  PlacementReport now = CheckPlacementNow(*crew_.topology, placement_);
  // A cpuset's new memory nodes have the kernel move pages, and us move them back.
  const uint64_t before = std::exchange(bound_again_, TimesMemoryWasBoundAgain());
  if (bound_again_ != before || now.effective.memory_nodes != Placement().effective.memory_nodes) {
    ForgetHomes();
    ForgetHomesOfThisMachine();
  }
  if (now == Placement()) return;
  const PlacementReport* known = now == placement_ ? &placement_ : nullptr;
  for (const auto& later : later_placements_) {
    if (*later == now) known = later.get();
  }
  if (known == nullptr) {
    later_placements_.push_back(std::make_unique<const PlacementReport>(std::move(now)));
    known = later_placements_.back().get();
  }
  // release: pairs with the acquire in Placement().
  placement_now_.store(known, std::memory_order_release);
  if (on_change != nullptr) on_change(*known);
}

// By the kernel's number of a CPU: the first worker whose PU it is, or StandIns::kNobody. Empty
// where the topology is not this machine.
template <class W>
std::vector<uint32_t> BasicScheduler<W>::WorkersByOsCpu() const {
  std::vector<uint32_t> workers;
  if (!crew_.topology->is_this_machine()) return workers;
  for (uint32_t worker = crew_.size; worker-- > 0;) {
    const int os_cpu = crew_.topology->pus()[crew_.cpus[worker].index()].os_index;
    if (os_cpu < 0) continue;
    const size_t index = static_cast<size_t>(os_cpu);
    if (workers.size() <= index) workers.resize(index + 1, StandIns::kNobody);
    workers[index] = worker;
  }
  return workers;
}

template <class W>
void BasicScheduler<W>::MakeSpares(const SchedulerOptions& options) {
  const uint32_t count = static_cast<uint32_t>(spare_threads_.size());
  const bool bind = options.bind && !W::kSimulated;
  const ThreadHeritage heritage;
  const auto start = [this, name = options.thread_name, bind, heritage](uint32_t index) {
    const WorkerId id = crew_.spares->IdOf(index);
    const CpuId cpu = crew_.cpus[id.index()];
    std::optional<typename W::Thread>& thread = spare_threads_[index];
    thread.emplace();
    const absl::Status status = thread->Start(
        {.worker = id, .cpu = cpu, .name = absl::StrCat(name, "-spare-", index), .prompt = true},
        [this, index, id, cpu, bind, heritage] {
          if (!W::kSimulated) heritage.TakeSignals();
          // To its PU, whatever workers are bound to: it is called in from there.
          // Where that is not granted, nothing was granted to workers either.
          if (bind) (void)BindThisThread(*crew_.topology, cpu, BindingUnit::kPu);
          RunHook(on_worker_start_, id);
          crew_.spares->Serve(index);
          RunHook(on_worker_stop_, id);
        });
    if (!status.ok()) thread.reset();
    return status;
  };
  const auto here = [by_os_cpu = bind ? WorkersByOsCpu() : std::vector<uint32_t>()] {
    const size_t os_cpu = by_os_cpu.empty() ? 0 : static_cast<size_t>(OsCpuOfThisThread());
    return os_cpu < by_os_cpu.size() ? by_os_cpu[os_cpu] : StandIns::kNobody;
  };
  // Somebody else's thread would hand down what is its own for good.
  const auto may_start = [heritage] { return W::kSimulated || heritage.IsThisThreads(); };
  crew_.spares = std::make_unique<Spares<W>>(crew_, count, start, may_start, here,
                                             static_cast<uint32_t>(options.outside_helpers));
  for (uint32_t index = 0; index < count; ++index) {
    crew_.workers.push_back(
        std::make_unique<Worker<W>>(crew_, crew_.spares->IdOf(index), options.seed));
  }
}

template <class W>
void BasicScheduler<W>::RunHook(const std::function<void(WorkerId)>& hook, WorkerId worker) {
  if (hook == nullptr) return;
  try {
    hook(worker);
  } catch (...) {
    crew_.KeepUncaught(std::current_exception());
  }
}

template <class W>
BasicScheduler<W>::~BasicScheduler() {
  TALLY_CHECK(!OnWorker(), "a scheduler is not destroyed by one of its own tasks");
  if (crew_.State() == CrewState::kStopped) return;
  const absl::StatusOr<ShutdownReport> report = Shutdown();
  TALLY_CHECK(report.ok() && report->complete, "a shutdown without a deadline completes");
}

template <class W>
absl::Status BasicScheduler<W>::CheckNode(NodeId node) const {
  if (!node.valid() || internal::NodeExists(crew_, node)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("there is no node ", node.value(),
                                                 ": this machine has nodes 0 to ",
                                                 crew_.injectors.size() - 1));
}

template <class W>
template <class F>
absl::Status BasicScheduler<W>::Submit(F&& closure, const TaskOptions& options) {
  if (options.node.valid()) {
    if (absl::Status status = CheckNode(options.node); !status.ok()) return status;
  }
  if (Worker<W>* worker = internal::WorkerOf(crew_)) {
    internal::SpawnInside<W>(*worker, nullptr, std::forward<F>(closure), options);
    return absl::OkStatus();
  }
  if (!internal::SpawnOutside<W>(crew_, nullptr, std::forward<F>(closure), options)) {
    return internal::Refused();
  }
  return absl::OkStatus();
}

template <class W>
template <class F>
absl::Status BasicScheduler<W>::SubmitBatch(int64_t count, const F& body,
                                            const TaskOptions& options) {
  if (absl::Status status = CheckNode(options.node); !status.ok()) return status;
  if (internal::SpawnBatch<W>(crew_, nullptr, count, body, options)) return absl::OkStatus();
  return internal::Refused();
}

template <class W>
absl::StatusOr<ShutdownReport> BasicScheduler<W>::Shutdown(const ShutdownOptions& options) {
  if (OnWorker()) {
    return absl::FailedPreconditionError(
        "Shutdown() was called by one of the scheduler's own tasks, which would wait for itself: "
        "call it from outside");
  }
  if (crew_.State() == CrewState::kStopped) return Report(true);
  const BasicBlockingScope<W> scope;  // we may be another scheduler's worker
  // seq_cst: pairs with SpawnOutside(): who does not see this has been counted as accepted.
  crew_.state.store(CrewState::kDraining, std::memory_order_seq_cst);
  // relaxed: workers may see it late; what they start before is executed.
  if (!options.drain) crew_.cancelled.store(1, std::memory_order_relaxed);
  // Workers announce their sleep, pass their heavy fence and read the state: who sleeps without
  // having seen Draining has finished whatever we fail to see outstanding.
  W::HeavyFence();
  const Nanos now = W::Now();
  constexpr Nanos kEndOfTime = std::numeric_limits<Nanos>::max();
  const bool ends = options.deadline_ns >= 0 && options.deadline_ns < kEndOfTime - now;
  const Nanos deadline = ends ? now + options.deadline_ns : kEndOfTime;
  while (crew_.Outstanding() != 0) {
    if (!ends) {
      crew_.drained.Park();
    } else if (!crew_.drained.ParkUntil(deadline) && crew_.Outstanding() != 0) {
      return Report(false);
    }
  }
  StopWorkers();
  if (self_recording_ != nullptr) self_recording_->Finish();
  return Report(true);
}

template <class W>
void BasicScheduler<W>::StopWorkers() {
  if (watchdog_.has_value()) watchdog_->Stop();
  if (machine_watch_.has_value()) machine_watch_->Stop();
  // release: pairs with the acquire in Crew::State().
  crew_.state.store(CrewState::kStopping, std::memory_order_release);
  crew_.NudgeAll();
  for (typename W::Thread& thread : threads_) thread.Join();
  crew_.spares->Finish();
  for (std::optional<typename W::Thread>& thread : spare_threads_) {
    if (thread.has_value()) thread->Join();
  }
  crew_.state.store(CrewState::kStopped, std::memory_order_release);
}

template <class W>
ShutdownReport BasicScheduler<W>::Report(bool complete) const {
  ShutdownReport report;
  report.complete = complete;
  const WorkerStats total = Stats().Total();
  report.executed = total.executed_inline;
  for (const uint64_t executed : total.executed) report.executed += executed;
  report.dropped = crew_.dropped.load(std::memory_order_relaxed);  // relaxed: a statistic
  if (!complete) {
    report.outstanding = crew_.Outstanding();
    return report;
  }
  // relaxed, and the plain pointer: the workers' threads have been joined.
  report.uncaught = crew_.uncaught.load(std::memory_order_relaxed);
  if (crew_.first_uncaught.Read() != nullptr) {
    report.first_uncaught = DescribeException(crew_.first_uncaught.Read());
  }
  return report;
}

template <class W>
SchedulerStats BasicScheduler<W>::Stats() const {
  SchedulerStats stats;
  stats.workers.reserve(crew_.workers.size());
  for (const std::unique_ptr<Worker<W>>& worker : crew_.workers) {
    if (stats.workers.size() < crew_.size) {
      stats.workers.push_back(worker->Stats());
    } else {
      stats.spares += worker->Stats();
    }
  }
  stats.submitted_outside = crew_.entrance.PeekCount();
  for (const auto& node : crew_.injectors) {
    for (const auto& injector : node.level) stats.queued_in_injectors += injector.PeekQueued();
    stats.queued_in_injectors += node.mailbox.PeekQueued();
  }
  const IdleFacts idle = crew_.sleepers.PeekFacts();
  stats.sleeping = idle.sleeping;
  stats.searching = idle.searching;
  return stats;
}

}  // namespace tally
