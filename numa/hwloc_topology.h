// The only door to hwloc.
#pragma once

#include "absl/status/statusor.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"
#include "numa/topology_spec.h"

namespace tally {

// What hwloc (and, for the live machine, the kernel) says. XML on which hwloc 2.9 crashes or hangs
// does so here: see confinement.h. Not to be called by two threads at once.
absl::StatusOr<MachineFacts> ReadWithHwloc(const TopologySource& source, TopologyOptions options);

}  // namespace tally
