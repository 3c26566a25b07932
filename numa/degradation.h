// What a machine does not tell or have, in words: one sentence for each thing that makes Tally do
// less than it could.
#pragma once

#include <string>
#include <vector>

#include "numa/machine_facts.h"
#include "numa/topology.h"

namespace tally {

std::vector<std::string> DescribeDegradation(const Topology& topology, const MachineFacts& facts);

}  // namespace tally
