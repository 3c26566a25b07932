// Stepping through a recording one decision at a time, and saying each in a sentence.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "viz/model/trace_model.h"

namespace tally::viz {

// A place between events, in the total order (time, lane, position in the lane). It names the
// decision just made: everything up to and including it has happened.
struct Moment {
  Nanos time = 0;
  size_t lane = 0;
  size_t index = 0;
  friend auto operator<=>(const Moment&, const Moment&) = default;
};

// After everything that happened at or before t.
Moment MomentAfter(Nanos t);

std::optional<Moment> NextDecision(const Recording& recording, Moment after);
std::optional<Moment> PreviousDecision(const Recording& recording, Moment before);

// "worker 3 stole \"leaf\" from worker 0, another node"
std::string Describe(const TraceModel& model, Moment decision);

}  // namespace tally::viz
