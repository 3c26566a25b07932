// Holds a scheduler's report of where its workers run against the kernel.
#pragma once

#include "numa/topology.h"
#include "scheduler/runtime/options.h"
#include "scheduler/scheduler.h"
#include "tests/guest/verdict.h"

namespace tally::guest {

// The report is of now, and of the only scheduler in this process. Each worker's claim must be what
// the kernel says, and what was refused must be said with its reason.
void CheckBindings(const Topology& topology, const PlacementReport& report, Verdict& verdict);

// Every worker runs a task, which must be where the worker's affinity says.
void CheckTasks(Scheduler& scheduler, Verdict& verdict);

}  // namespace tally::guest
