// What users pass in and get back, apart from statistics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "numa/binding.h"
#include "numa/effective_cpus.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recorder.h"

namespace tally {

inline constexpr int kMaxWorkers = 4096;
inline constexpr Nanos kPatienceNanos = 20'000'000;

// What a task is called in recordings and pictures: a string literal, hashed by the compiler.
class TaskName {
 public:
  template <size_t N>
  consteval TaskName(const char (&text)[N]) : text_(text), hash_(NameHash(text)) {}  // NOLINT
  constexpr const char* text() const { return text_; }
  constexpr uint32_t hash() const { return hash_; }

 private:
  const char* text_;
  uint32_t hash_;
};

// What was asked of the kernel, what it granted, and why they differ.
struct PlacementReport {
  PlacementPolicy policy = PlacementPolicy::kCompact;
  std::string sizing;                 // why so many workers: "one for each of 8 cores"
  std::vector<Binding> workers;       // by WorkerId
  std::vector<std::string> degraded;  // one sentence each; empty: all as asked
  std::vector<std::string> refused;   // those of `degraded` that are about `workers`
  std::vector<std::string> memory;    // and those about nodes that give no memory when asked
  // And the one about memory of this process that could not be bound again after a change of its
  // nodes (numa/bound_memory.h); empty: there is none.
  std::string lost_memory;
  EffectiveCpus effective;  // what this process might use when this was written
  bool operator==(const PlacementReport&) const = default;
};

struct SchedulerOptions {
  // 1 .. kMaxWorkers; 0: one per physical core that this process may use, low-power cores left out,
  // and no more than its cgroups' CPU quota (numa/effective_cpus.h).
  int workers = 0;
  // nullptr: the live machine.
  std::shared_ptr<const Topology> topology = nullptr;
  Placement placement = PlacementPolicy::kCompact;
  // Bind each worker, as `bind_to` says. Where that is not granted, the worker runs unbound and
  // Placement() says why.
  bool bind = true;
  // To its PU, to its core, or to all CPUs around its L3. Unset: to the L3, among whose CPUs the
  // kernel wakes it wherever that is fastest; where the placement says which CPU it is (a list,
  // round robin, kCriticalOnPCores), to its PU.
  std::optional<BindingUnit> bind_to = std::nullopt;
  // How long a Normal or Low task that was sent to a node (TaskOptions::node) is left to that
  // node's workers, at least, before others may take it; longer while they serve its likes at their
  // usual pace (policy/affinity.h). 0: not at all. Unset: kPatienceNanos, and 0 in simulated
  // worlds.
  std::optional<Nanos> patience_ns = std::nullopt;
  // Of the choices among equally near victims.
  uint64_t seed = 1;
  // Must outlive the scheduler. nullptr: nothing is recorded, unless TALLY_RECORD=FILE is set in
  // the environment (real world only).
  Recorder* recorder = nullptr;
  // Stats() says where lies what tasks Touch(). Asks the kernel once per page, so a program that
  // touches a great deal pays for it. Recording implies it.
  bool count_touches = false;

  // How many workers may stand in for those whose tasks block (blocking_scope.h) or are too busy
  // for a Critical task, 0 to 48, each with a thread from its first service on and 20 KiB before.
  // They work on the PUs of the workers, in turn, and their ids follow the workers'. Unset: one for
  // each worker, none in simulated worlds, and one for each of outside_helpers, up to 48. With a
  // recorder no more than its header has lanes for (MakeRecordingHeader() has one for each).
  std::optional<int> spares = std::nullopt;
  // A Critical task that an outside thread submits while every worker is busy does not wait until
  // one of them ends what it runs: a spare runs it at once, so that more threads run than there are
  // workers for that long (docs/scheduling.md). Unset: with more than one worker; who asks for one
  // mostly means one task at a time.
  std::optional<bool> critical_at_once = std::nullopt;
  // How many outside threads may help at a time while they wait for a group, 0 to 7: with tasks of
  // that group which are next in an injector while no worker is idle. Each is one of the spares for
  // that long. 0: they sleep, so that no more threads run than there are workers, and with one
  // worker one task at a time.
  int outside_helpers = 0;

  // Threads are called NAME-0, NAME-1, ..., and spares' NAME-spare-0; the kernel keeps 15
  // characters.
  std::string thread_name = "tally";
  // How often a thread of the scheduler's asks the kernel whether the machine has changed under it:
  // the cpuset, the affinity mask, a CPU quota, where the workers may run. Who was taken from where
  // it was bound is bound again, NodeBuffers and NodeArrays too where memory nodes have changed,
  // and Placement() tells what holds now. While all workers sleep, it sleeps too. 0: never. Only on
  // this machine.
  Nanos recheck_interval_ns = 1'000'000'000;
  // Called by that thread with each new report: memory that somebody else has mapped may want a
  // BindMemory().
  std::function<void(const PlacementReport&)> on_placement_change = nullptr;

  // Run on each worker's (and spare's) own thread: once it is bound and before its first task; and
  // after its last one. An exception that leaves them counts as a submitted task's
  // (ShutdownReport::uncaught).
  std::function<void(WorkerId)> on_worker_start = nullptr;
  std::function<void(WorkerId)> on_worker_stop = nullptr;

  // Looks now and then whether work is queued while every worker sleeps, which would be a defect or
  // a deadlock among tasks, and says so, once: to `on_stall`, or on standard error. Unset: only
  // where Tally was built without NDEBUG, and never in a simulated world.
  std::optional<bool> watchdog = std::nullopt;
  Nanos watchdog_interval_ns = 500'000'000;
  std::function<void(const std::string&)> on_stall = nullptr;
};

// Whether Tally was built for debugging.
bool IsDebugBuild();

// How tightly workers are bound: what `bind_to` says, or what it stands for.
BindingUnit BindingUnitOf(const SchedulerOptions& options);

// For Submit() and Spawn(). Unset fields inherit from the running task, outside: Normal, any node.
struct TaskOptions {
  static constexpr Priority kInherit = static_cast<Priority>(0xff);
  Priority priority = kInherit;
  NodeId node{};  // where the task should run: its data's home
  TaskName name = "task";
};

struct ShutdownOptions {
  // False: tasks that have not started are dropped and counted; running ones finish.
  bool drain = true;
  // How long to wait for the drain; < 0: for ever.
  Nanos deadline_ns = -1;
};

struct ShutdownReport {
  bool complete = false;       // every accepted task is over and every worker has left
  uint64_t executed = 0;       // tasks that ran to their end
  uint64_t dropped = 0;        // tasks that never started (cancelled)
  uint64_t outstanding = 0;    // submitted tasks that are still queued or running (deadline passed)
  uint64_t uncaught = 0;       // exceptions that left a submitted task
  std::string first_uncaught;  // what() of the first of them
  std::string InWords() const;
};

}  // namespace tally
