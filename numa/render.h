// A topology for the eyes (terminal) and for programs (JSON).
#pragma once

#include <string>

#include "numa/topology.h"

namespace tally {

// Boxes for packages, nodes, caches and cores, the distances below, and at the end what is
// degraded, in words. Lines are at most `terminal_width` wide (at least 40), in UTF-8, each ended
// by a newline. Equal neighbours are drawn once ("8 x L3") when the whole picture would not fit a
// screen.
std::string RenderTopology(const Topology& topology, int terminal_width);

// One JSON object on one line: spec, this_machine, packages, nodes, cores, pus, l2_groups,
// l3_groups (counts), node_os_indexes, memory_bytes, node_pus (per node; PUs by the kernel's
// numbers), allowed_nodes, allowed_pus, nodes_zero_mem, pus_without_node (counts), has_distances,
// distances (rows; from, to), degraded.
std::string TopologyJson(const Topology& topology);

}  // namespace tally
