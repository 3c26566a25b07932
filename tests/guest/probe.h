// The probes: each a program of its own in one binary, which does something with Tally and then
// asks the kernel whether it is so. `probe NAME ARGUMENT...`
#pragma once

#include <string>
#include <vector>

namespace tally::guest {

using Arguments = std::vector<std::string>;

// workers POLICY COUNT [core | l3 | refused]: every worker of a scheduler runs where Placement()
// says, both by its affinity and as its tasks see it; what was refused is said with its reason.
int ProbeWorkers(const Arguments& arguments);

// default-workers COUNT: so many workers start where nobody asked for a number.
int ProbeDefaultWorkers(const Arguments& arguments);

// round-robin COUNT: worker i sits on node i mod nodes, on that node's next CPU, by sysfs.
int ProbeRoundRobin(const Arguments& arguments);

// first-touch: what a bound thread touches first lies on its node, and HomeOf() knows.
int ProbeFirstTouch(const Arguments& arguments);

// homes-refused: where the kernel does not say, HomeOf() says "unknown".
int ProbeHomesRefused(const Arguments& arguments);

// Memory policies, each report held against get_mempolicy and move_pages (memory_probe.cc):
//   memory-modes      every mode on every node, touched from another node
//   memory-weights WEIGHT...  weighted interleave, with a weight per node
//   memory-migrate    from every node to every other, contents and all
//   memory-full NODE  more than the node has, preferred there and moved there
//   memory-full-bound NODE  the same, bound: the kernel kills the program
//   memory-refused    with get_mempolicy, mbind and move_pages refused
//   memory-cpuset     by a process that may use nodes 1 and 2 only
//   memory-cpuset-change  bound to node 3, which the cpuset then takes away and gives back
//   memory-balancing  while a far thread uses it and the kernel would like to move it
int ProbeMemoryModes(const Arguments& arguments);
int ProbeMemoryWeights(const Arguments& arguments);
int ProbeMemoryMigrate(const Arguments& arguments);
int ProbeMemoryFull(const Arguments& arguments);
int ProbeMemoryFullBound(const Arguments& arguments);
int ProbeMemoryRefused(const Arguments& arguments);
int ProbeMemoryCpuset(const Arguments& arguments);
int ProbeMemoryCpusetChange(const Arguments& arguments);
int ProbeMemoryBalancing(const Arguments& arguments);

// memory-pressure: in a cgroup that runs out of its soft limit, the report comes, the empty slabs
// go, and the end is reported.
int ProbeMemoryPressure(const Arguments& arguments);

// cpuset-change CPUS/MEMS: the cpuset shrinks to this under a running scheduler.
int ProbeCpusetChange(const Arguments& arguments);

// memory-looked-after: buffers and an array whose nodes the cpuset takes away from a running
// scheduler, and gives back.
int ProbeMemoryLookedAfter(const Arguments& arguments);

// run WORDS... rung RUNG [LOW HIGH]: `tally run WORDS --json` counts cross-node accesses by this
// rung of the ladder, and so many percent of the pages that it used were local.
int ProbeRun(const Arguments& arguments);

}  // namespace tally::guest
