// A recording in memory, written as a file: for tools that change recordings, and for tests.
#pragma once

#include <string>

#include "scheduler/trace/recording.h"

namespace tally {

// Whole and checksummed. The events are written as they are (times beyond +-2^61 are clamped); the
// recording's own seal is kept if it has one, whether or not it still fits the events, and one that
// fits is made if not.
std::string WriteRecording(const Recording& recording);

}  // namespace tally
