// The tasks that one worker ran, by nesting level, for drawing them one by one when there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "viz/model/time_range.h"

namespace tally::viz {

struct TaskSpan {
  static constexpr Nanos kOpen = -1;
  Nanos begin = 0;
  Nanos end = kOpen;  // kOpen: still running at the recording's end
  TaskId task = 0;
  Priority priority = Priority::kNormal;
  Place place = Place::kHand;
  bool stolen = false;
};

class SpanList {
 public:
  // Deeper nesting is counted in the states and totals, but not kept span by span.
  static constexpr size_t kLevels = 24;

  void Begin(const TaskSpan& span);
  void End(Nanos time);

  // Levels that have ever been used.
  size_t levels() const { return levels_.size(); }
  // Indexes [first, last) of the spans of `level` that meet the range.
  struct Slice {
    size_t first = 0;
    size_t last = 0;
    size_t size() const { return last - first; }
  };
  Slice In(TimeRange range, size_t level) const;
  // The first span of `level`, from index `from` on, that ends after t.
  size_t EndingAfter(Nanos t, size_t level, size_t from) const;
  const TaskSpan& at(size_t level, size_t i) const { return levels_[level][i]; }
  // The innermost span that is running at t, or null.
  const TaskSpan* At(Nanos t) const;

 private:
  std::vector<std::vector<TaskSpan>> levels_;  // each sorted by begin, and by end
  size_t depth_ = 0;
};

}  // namespace tally::viz
