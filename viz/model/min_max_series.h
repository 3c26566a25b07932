// A step function over time (a queue's depth), and its least and greatest value in any stretch.
//
// A pyramid indexed by sample count: each level keeps the extremes of 16 entries of the level
// below. A query touches at most 2 x 16 entries a level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "viz/model/time_range.h"

namespace tally::viz {

struct MinMax {
  uint32_t min = 0;
  uint32_t max = 0;
  friend bool operator==(const MinMax&, const MinMax&) = default;
};

class MinMaxSeries {
 public:
  struct Sample {
    Nanos time = 0;
    uint32_t value = 0;
  };

  // Times must not go back. Before the first sample the value is 0.
  void Append(Nanos time, uint32_t value);
  // Samples in any order, some perhaps earlier than what is here already: several workers report
  // one queue, and their reports arrive one worker after the other. Cost: what is later than the
  // earliest of them is appended again.
  void Merge(std::vector<Sample> samples);

  // The value after every sample at or before t.
  uint32_t At(Nanos t) const;
  // Extremes over the range, including the value with which it begins.
  MinMax Over(TimeRange range) const;
  void Columns(TimeRange view, int columns, std::vector<MinMax>* out) const;

  uint32_t greatest() const { return greatest_; }
  size_t samples() const { return times_.size(); }

 private:
  static constexpr size_t kFan = 16;

  // Forgets all but the first `count` samples.
  void Truncate(size_t count);
  // Number of samples at or before t.
  size_t CountUntil(Nanos t, size_t from) const;
  MinMax OverSamples(size_t begin, size_t end, MinMax seed) const;

  std::vector<Nanos> times_;
  std::vector<uint32_t> values_;
  std::vector<std::vector<MinMax>> levels_;  // [k][i]: samples i*16^(k+1) .. (i+1)*16^(k+1)-1
  uint32_t greatest_ = 0;
};

}  // namespace tally::viz
