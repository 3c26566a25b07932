// What --demo runs: a few small programs that each show the scheduler from another side, one after
// the other.
#pragma once

#include <cstdint>

#include "scheduler/scheduler.h"

namespace tally::viz {

inline constexpr int kDemoParts = 5;

// Part `part` modulo kDemoParts, from outside of the scheduler; returns when it is over. A part is
// a fraction of a second. `round` changes what is computed.
void RunDemoPart(Scheduler& scheduler, int part, int round);

}  // namespace tally::viz
