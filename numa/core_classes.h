// Which cores are fast, which are slow, and which had better be left alone.
//
// hwloc sorts cores into kinds, but a kind is not a class: eight equal P-cores may be two kinds
// (two of them boost 200 MHz higher), and an ARM machine with two sorts of cores may have five. So
// kinds within a tenth of the fastest count as performance cores. The third class exists on Intel's
// laptops since Meteor Lake: two low-power (LP-E) cores on another die, outside of the L3, made for
// an idle desktop. A parallel loop that gives them an equal share waits for them.
#pragma once

#include <vector>

#include "numa/machine_facts.h"
#include "numa/topology.h"

namespace tally {

// The class of each of facts.kinds. All kPerformance where nobody says which is faster.
std::vector<CoreClass> ClassifyKinds(const MachineFacts& facts);

}  // namespace tally
