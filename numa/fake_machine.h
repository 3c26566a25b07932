// Machines for tests of memory: as many nodes as one likes, and they claim to be this one.
#pragma once

#include <vector>

#include "numa/topology.h"

namespace tally {

// A PU for each node, in that order; the nodes have these numbers in the kernel.
Topology FakeMachine(const std::vector<int>& node_os_indexes);

}  // namespace tally
