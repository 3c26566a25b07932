// What must hold in every simulated run, whatever the workload, machine and seed.
#pragma once

#include <string>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/recording.h"

namespace tally {

// One sentence for each property that does not hold; empty: all is well.
//  - No schedule is shorter than its span, nor than its work shared by all (Graham 1969).
//  - No task is lost or run twice; queues, waits and sleepers behave (replay.h).
//  - Nobody sleeps on while work that they could take waits.
std::vector<std::string> CheckSimulatedRun(const Recording& recording);

// The longest time during which a queue held a task, a worker slept for want of work, and nobody
// was on the way to either: no searcher, no worker that had been woken. 0 in a perfect world; a
// publisher needs some time to notice the sleeper. In a simulation all clocks are one.
Nanos LongestNeglect(const Recording& recording);

}  // namespace tally
