// Numbers and times as people read them. Counts are always exact: a shown number can be compared.
#pragma once

#include <cstdint>
#include <string>

#include "scheduler/trace/event.h"

namespace tally::viz {

std::string FormatCount(uint64_t count);    // "1,234,567"
std::string FormatCompact(uint64_t count);  // "1.2M": only where the exact one is one hover away
std::string FormatBytes(uint64_t bytes);    // "1.5 MiB"
std::string FormatPercent(double share);    // "12 %"; "<1 %" for a little
std::string FormatDuration(Nanos nanos);    // "1.234 ms"
// A point in time, with as many digits as a step of `resolution` needs, in the unit of `extent`.
std::string FormatTime(Nanos time, Nanos resolution, Nanos extent);
std::string FormatSpeed(double speed);  // "0.002x"
// A round step (1, 2 or 5 times a power of ten) so that about `target` of them fit into `length`.
Nanos RoundStep(Nanos length, int target);

}  // namespace tally::viz
