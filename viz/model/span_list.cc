#include "viz/model/span_list.h"

#include <algorithm>

namespace tally::viz {

void SpanList::Begin(const TaskSpan& span) {
  if (depth_ < kLevels) {
    if (depth_ == levels_.size()) levels_.emplace_back();
    levels_[depth_].push_back(span);
  }
  ++depth_;
}

void SpanList::End(Nanos time) {
  if (depth_ == 0) return;  // its begin was lost
  --depth_;
  if (depth_ < kLevels) levels_[depth_].back().end = time;
}

SpanList::Slice SpanList::In(TimeRange range, size_t level) const {
  if (level >= levels_.size()) return {};
  const std::vector<TaskSpan>& spans = levels_[level];
  // Spans of one level do not overlap, so both edges are sorted; only the last may be open.
  const auto first = std::partition_point(spans.begin(), spans.end(), [&](const TaskSpan& span) {
    return span.end != TaskSpan::kOpen && span.end <= range.begin;
  });
  const auto last = std::partition_point(
      first, spans.end(), [&](const TaskSpan& span) { return span.begin < range.end; });
  return {static_cast<size_t>(first - spans.begin()), static_cast<size_t>(last - spans.begin())};
}

size_t SpanList::EndingAfter(Nanos t, size_t level, size_t from) const {
  const std::vector<TaskSpan>& spans = levels_[level];
  size_t step = 1;
  const auto before = [&](size_t i) {
    return i < spans.size() && spans[i].end != TaskSpan::kOpen && spans[i].end <= t;
  };
  // Gallop: the next pixel's span is near.
  while (before(from + step - 1)) {
    from += step;
    step *= 2;
  }
  const auto first = spans.begin() + static_cast<std::ptrdiff_t>(from);
  const auto last =
      spans.begin() + static_cast<std::ptrdiff_t>(std::min(spans.size(), from + step));
  return static_cast<size_t>(std::partition_point(first, last,
                                                  [&](const TaskSpan& span) {
                                                    return span.end != TaskSpan::kOpen &&
                                                           span.end <= t;
                                                  }) -
                             spans.begin());
}

const TaskSpan* SpanList::At(Nanos t) const {
  for (size_t level = levels_.size(); level-- > 0;) {
    const Slice slice = In({t, t + 1}, level);
    if (slice.size() != 0) return &levels_[level][slice.last - 1];
  }
  return nullptr;
}

}  // namespace tally::viz
