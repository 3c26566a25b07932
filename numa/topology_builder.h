// From facts about a machine to a Topology: everything that is decided, and nothing that is read.
//
// hwloc, the kernel and hostile files disagree about what a machine looks like; here their raw
// statements become dense ids, one home node per PU, a full distance matrix, and a list of what was
// missing. Being pure, it is tested on machines that nobody has.
#pragma once

#include "absl/status/statusor.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"

namespace tally {

class TopologyBuilder {
 public:
  // InvalidArgument if the facts contradict themselves (no PU, two PUs with one number, ...): files
  // can say anything.
  static absl::StatusOr<Topology> Build(const MachineFacts& facts, TopologyOptions options);
};

}  // namespace tally
