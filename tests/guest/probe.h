// The probes: each a program of its own in one binary, which does something with Tally and then
// asks the kernel whether it is so. `probe NAME ARGUMENT...`
#pragma once

#include <string>
#include <vector>

namespace tally::guest {

using Arguments = std::vector<std::string>;

// workers POLICY COUNT [refused]: every worker of a scheduler runs where Placement() says, both by
// its affinity and as its tasks see it; a binding that was refused is said with its reason.
int ProbeWorkers(const Arguments& arguments);

// round-robin COUNT: worker i sits on node i mod nodes, on that node's next CPU, by sysfs.
int ProbeRoundRobin(const Arguments& arguments);

// first-touch: what a bound thread touches first lies on its node, and HomeOf() knows.
int ProbeFirstTouch(const Arguments& arguments);

// homes-refused: where the kernel does not say, HomeOf() says "unknown".
int ProbeHomesRefused(const Arguments& arguments);

// cpuset-change CPUS/MEMS: the cpuset shrinks to this under a running scheduler.
int ProbeCpusetChange(const Arguments& arguments);

// run WORDS... known LOW HIGH: `tally run WORDS --json` knows where the memory is, and so many
// percent of the accesses are local. run WORDS... unknown: it does not know, and does not say 0.
int ProbeRun(const Arguments& arguments);

}  // namespace tally::guest
