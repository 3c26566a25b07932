// A half-open stretch of a recording's time, in nanoseconds since its origin.
#pragma once

#include <algorithm>

#include "scheduler/trace/event.h"

namespace tally::viz {

struct TimeRange {
  Nanos begin = 0;
  Nanos end = 0;

  Nanos length() const { return end - begin; }
  bool empty() const { return end <= begin; }
  bool Contains(Nanos t) const { return begin <= t && t < end; }
  // Empty, but still placed inside `this`, when the two do not meet.
  TimeRange Clip(TimeRange to) const {
    const Nanos b = std::clamp(begin, to.begin, to.end);
    return {b, std::max(b, std::clamp(end, to.begin, to.end))};
  }
  // The left edge of column `i` of `n` equal columns; i == n gives `end`. Exact: columns tile the
  // range without gap or overlap.
  Nanos Edge(int i, int n) const {
    return begin + static_cast<Nanos>(static_cast<__int128>(length()) * i / n);
  }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

}  // namespace tally::viz
