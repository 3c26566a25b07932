// A run's numbers, for programs, and a few of the words that people are told them in.
#pragma once

#include <cstddef>
#include <string>

#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"

namespace tally {

// One JSON object on one line. Numbers that nobody knows are null; ids are hex strings.
std::string MetricsJson(const Recording& recording, const Metrics& metrics);

// "2 workers and 1 spare": of the spares those that have served.
std::string WorkersText(const Recording& recording);

// "1.23 ms": three digits that mean something.
std::string DurationText(uint64_t nanos);

}  // namespace tally
