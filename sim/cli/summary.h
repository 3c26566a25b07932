// A run's numbers for people: a few aligned lines, then a bar per worker (or per node, if there are
// many workers).
#pragma once

#include <cstdint>
#include <string>

#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"

namespace tally::cli {

std::string Summary(const Recording& recording, const Metrics& metrics);

// "1,234,567"
std::string WithCommas(uint64_t number);
// "33.9 MiB"
std::string Bytes(uint64_t bytes);
// `width` characters: busy full, looking for work shaded, asleep dotted.
std::string Bar(uint64_t busy, uint64_t search, uint64_t whole, int width);

}  // namespace tally::cli
