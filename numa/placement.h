// Where N workers sit: a pure function of a topology. More workers than PUs wrap around.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "numa/topology.h"

namespace tally {

enum class PlacementPolicy : uint8_t {
  kCompact,          // fill a core's node before the next: neighbours share caches
  kScatter,          // as far apart as possible: one per package, then node, L3, core, then SMT
  kRoundRobinNodes,  // the original plan: worker i on node i mod nodes, round robin within the node
  kOnePerL3,         // worker i on L3 i mod L3s, round robin within the L3; without L3s, per node
  kCriticalOnPCores,  // compact, performance cores before others: the first workers are the fast
                      // ones
  kList,              // worker i on the i-th CPU of a list, modulo its length
};

// A policy, and the CPUs of kList. Implicit, so that `.placement = PlacementPolicy::kScatter` is
// all there is to write.
struct Placement {
  Placement(PlacementPolicy policy = PlacementPolicy::kCompact) : policy(policy) {}  // NOLINT
  static Placement List(std::vector<int> cpus);

  PlacementPolicy policy;
  std::vector<int> cpus;  // kList only: the kernel's CPU numbers, in worker order
  bool operator==(const Placement&) const = default;
};

// "compact", "scatter", "round-robin", "one-per-l3", "critical-on-p", or "list:0,2,4-7" with the
// kernel's CPU numbers; InvalidArgument lists them.
absl::StatusOr<Placement> ParsePlacement(std::string_view text);
// The other way.
std::string PlacementName(const Placement& placement);
// All of them, for help texts: "compact, scatter, ...".
std::string PlacementNames();

// InvalidArgument, saying what to type instead, if a list is empty or names CPUs that this topology
// lacks or this process may not use. OK for every other policy.
absl::Status CheckPlacement(const Topology& topology, const Placement& placement);

// CpuId for each of `workers` workers, in worker order. `workers` >= 1 and CheckPlacement() is OK
// (the caller has checked).
//
// For every policy but kList: distinct physical cores are used before SMT siblings, low-power
// cores last of all; every PU once before any PU twice. So where nodes differ in size, round robin
// passes over a node that has none left. PUs that this process may not use get no worker (unless
// there are no others), memory-only nodes have no PUs to give, and PUs without a node come after
// those with one (in scatter: they count as one more node).
std::vector<CpuId> PlaceWorkers(const Topology& topology, const Placement& placement, int workers);

}  // namespace tally
