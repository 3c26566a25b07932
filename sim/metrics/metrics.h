// The numbers of a run, computed from its recording: the one place from which `stats`, `run`, `sim`
// and the dashboard take them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"

namespace tally {

// How far a stolen task travelled, nearest first.
enum class StealTier : uint8_t { kL3, kNode, kRemote };  // same L3; same node; another node
inline constexpr int kStealTiers = 3;
// Machines that describe no L3 have no kL3 steals.
StealTier TierOf(const RecordingHeader& header, size_t thief, size_t victim);
const char* StealTierName(StealTier tier);  // "l3", "node", "remote"

struct Metrics {
  struct Touches {
    uint64_t accesses = 0;
    uint64_t bytes = 0;
    void operator+=(const Touches& more);
    friend bool operator==(const Touches&, const Touches&) = default;
  };
  // What was declared by somebody: in memory of the worker's node, of another, of nobody knows
  // which.
  struct Touched {
    Touches local, remote, unknown;
    // From a worker on node `from`, -1 if it has none: then all memory is another node's. `home`:
    // -1 if nobody knows.
    void Add(NodeId from, NodeId home, const Touches& touches);
    friend bool operator==(const Touched&, const Touched&) = default;
  };
  struct TaskTouched {
    std::string name;  // of the tasks
    Touched touched;
  };
  struct Worker {
    uint64_t executed = 0;  // tasks that ran to their end here
    uint64_t steals = 0;    // by it
    uint64_t stolen = 0;    // from it
    uint64_t steal_fails = 0;
    uint64_t parks = 0;
    uint64_t depth_max = 0;
    uint64_t busy_ns = 0;    // inside a task that is not waiting
    uint64_t parked_ns = 0;  // asleep
    uint64_t search_ns = 0;  // the rest of the makespan
    Touched touched;
  };
  struct StealCell {
    uint32_t thief = 0, victim = 0;
    uint64_t steals = 0;
    friend bool operator==(const StealCell&, const StealCell&) = default;
  };

  uint64_t tasks = 0;  // that ran to their end
  std::array<uint64_t, kPriorities> tasks_by_priority{};
  uint64_t spawned = 0;
  uint64_t dropped = 0;  // by a cancelled shutdown
  uint64_t events = 0;
  uint64_t makespan_ns = 0;  // from the first spawn to the last end
  // Work: time inside tasks, waits excluded. Span: the longest chain of it through spawns and joins
  // (He, Leiserson and Leiserson, "The Cilkview scalability analyzer", SPAA 2010): a child's path
  // starts at its parent's at the spawn, a wait continues from the longest of its group.
  uint64_t work_ns = 0;
  uint64_t span_ns = 0;

  uint64_t steals = 0;
  std::array<uint64_t, kStealTiers> steals_by_tier{};
  uint64_t steal_fails = 0;             // timeline: fewer than happened if events were dropped
  std::vector<StealCell> steal_matrix;  // only pairs that occur; by thief, then victim

  // By node of the worker, then home of the memory; nodes x nodes, row-major.
  size_t nodes = 0;
  std::vector<Touches> touches;
  std::vector<Touches> touches_without_node;  // of workers without a node, by home
  Touches touches_unknown;                    // nobody could say where the memory is
  std::vector<TaskTouched> touched_by_task;   // by name
  // Between different nodes; nothing if no touch has a known home.
  std::optional<Touches> cross_node;

  uint64_t parks = 0;
  uint64_t wakes = 0;
  uint64_t injector_takes = 0;
  uint64_t reclaims = 0;
  uint64_t depth_max = 0;           // of any worker's deques
  uint64_t injector_depth_max = 0;  // of any injector

  std::vector<Worker> workers;
  size_t spares = 0;  // of `workers`: the last ones
  uint64_t fingerprint = 0;

  uint64_t workers_busy_ns() const;
  uint64_t spares_busy_ns() const;
  // How much of the makespan the workers were busy, 0 to 1. Spares have no part in it: while one
  // serves, a worker's task blocks, and that worker counts as busy, or all workers are busy and it
  // runs a Critical task besides. With both there would be more time than the workers have, and
  // with the spares' rest too much that nobody could have used.
  double busy_share() const;

  // Accesses of a worker on node `from` to memory of node `home`, as for Touched::Add(). `nodes` is
  // set.
  void AddTouches(size_t worker, NodeId from, NodeId home, const Touches& touches);
};

// Any recording will do, whole or not: what was lost is not counted.
Metrics ComputeMetrics(const Recording& recording);

}  // namespace tally
