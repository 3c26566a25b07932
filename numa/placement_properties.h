// What each placement policy means, written down a second time: as properties that a checker reads
// off a finished placement, without knowing how it was made. For tests.
#pragma once

#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"

namespace tally {

// The first way in which `placed` is not what `placement` means on this machine; empty if it is.
std::string BrokenPlacement(const Topology& topology, const Placement& placement,
                            const std::vector<CpuId>& placed);

}  // namespace tally
