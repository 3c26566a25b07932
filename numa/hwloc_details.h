// What hwloc says beyond the tree: kinds of cores, what memory is like, how far it is. Only for
// hwloc_topology.cc.
#pragma once

#include "numa/machine_facts.h"

// hwloc's own, which its header calls hwloc_topology_t and hwloc_obj_t.
struct hwloc_topology;
struct hwloc_obj;

namespace tally {

// Fills facts.kinds and the kind of each of facts.pus.
void ReadKinds(hwloc_topology* topology, MachineFacts& facts);

// Fills what this node's memory is and how fast it is, where a file or the firmware (HMAT) says.
void ReadMemoryDetails(hwloc_topology* topology, hwloc_obj* object, MachineFacts::NodeFacts& node);

// Fills the distances between facts.nodes, which are there already.
void ReadDistances(hwloc_topology* topology, MachineFacts& facts);

}  // namespace tally
