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

// One JSON object on one line. Counts: packages, nodes, cores, pus, l2_groups, l3_groups,
// allowed_nodes, allowed_pus, complete_pus (with offline and hidden ones), nodes_empty_cpuset,
// nodes_sharing_cpus, nodes_zero_mem, pus_without_node, cpukinds. Per node: node_os_indexes,
// memory_bytes, memory_kinds ("HBM"; empty: ordinary), bandwidth_mib_s and latency_ns (null:
// unknown), node_pus (at home there, by the kernel's numbers). distances in short
// ("NUMALatency:2x2[10..21]"; "-": none), has_distances, node_distances (rows; from, to).
// efficient_pus, low_power_pus (the kernel's numbers). spec, file (its last part), mode ("default",
// "disallowed"), this_machine, default_workers and default_workers_why, cpu_quota (in CPUs; null:
// none), threads_granted and memory_granted (null: not this machine), granted (sentences), degraded
// (sentences).
std::string TopologyJson(const Topology& topology);

}  // namespace tally
