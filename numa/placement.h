// Where N workers sit: a pure function of a topology. More workers than PUs wrap around.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "numa/topology.h"

namespace tally {

enum class PlacementPolicy : uint8_t {
  kCompact,         // fill a core's node before the next: neighbours share caches
  kScatter,         // as far apart as possible: one per package, then node, L3, core, then SMT
  kRoundRobinNodes  // the original plan: worker i on node i mod nodes, round robin within the node
};

// "compact", "scatter", "round-robin"; InvalidArgument lists them.
absl::StatusOr<PlacementPolicy> ParsePlacementPolicy(std::string_view text);
std::string_view PlacementPolicyName(PlacementPolicy policy);

// CpuId for each of `workers` workers, in worker order. `workers` >= 1 (the caller has checked).
// Distinct physical cores are used before SMT siblings; every PU once before any PU twice. So where
// nodes differ in size, round robin passes over a node that has none left. PUs that this process
// may not use get no worker (unless there are no others), memory-only nodes have no PUs to give,
// and PUs without a node come after those with one (in scatter: they count as one more node).
std::vector<CpuId> PlaceWorkers(const Topology& topology, PlacementPolicy policy, int workers);

}  // namespace tally
