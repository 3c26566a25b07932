// A run's numbers, for programs and for people.
#pragma once

#include <string>

#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"

namespace tally {

// One JSON object on one line. Numbers that nobody knows are null; ids are hex strings.
std::string MetricsJson(const Recording& recording, const Metrics& metrics);

// A dozen lines, the last with a line end.
std::string MetricsText(const Recording& recording, const Metrics& metrics);

// "2 workers and 1 spare": of the spares those whose lanes the recording has.
std::string WorkersText(const RecordingHeader& header);

// "1.23 ms": three digits that mean something.
std::string DurationText(uint64_t nanos);

}  // namespace tally
