// For tests: headers and recordings of any size, always the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scheduler/trace/recording.h"

namespace tally {

// Workers are spread evenly over the nodes; two per L3; two nodes per package.
RecordingHeader SampleHeader(size_t workers, size_t nodes = 1);

// An event like those that a scheduler makes, `salt` telling them apart.
Event SampleEvent(uint64_t salt);

// Every lane has `events` of them, times rise, the seal is missing.
Recording SampleRecording(size_t workers, size_t events);

}  // namespace tally
