// What the scheduler itself has counted (Scheduler::Stats), for people and for programs. A
// recording has no clock at most of these places, so they are not in `tally stats`.
#pragma once

#include <string>

#include "nlohmann/json.hpp"
#include "scheduler/runtime/stats.h"

namespace tally::cli {

// One object: totals, and the same per worker.
nlohmann::ordered_json CountersJson(const SchedulerStats& stats);

// A few aligned lines; what did not happen is left out.
std::string CountersText(const SchedulerStats& stats);

}  // namespace tally::cli
