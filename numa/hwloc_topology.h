// The only door to hwloc.
#pragma once

#include "absl/status/statusor.h"
#include "numa/topology.h"
#include "numa/topology_spec.h"

namespace tally {

// Loads and reads `source` in this process. XML that hwloc 2.9 crashes or hangs on does so here:
// see rehearsal.h. Not to be called by two threads at once.
absl::StatusOr<Topology> LoadWithHwloc(const TopologySource& source, TopologyOptions options);

}  // namespace tally
