// A run in a few lines, for a terminal.
#pragma once

#include <string>

#include "scheduler/trace/recording.h"

namespace tally::viz {

// `picture`: where it can be seen.
std::string Summary(const Recording& recording, const std::string& picture);

}  // namespace tally::viz
