// The stretch of time that is on screen.
#pragma once

#include "viz/model/time_range.h"

namespace tally::viz {

class Viewport {
 public:
  static constexpr Nanos kShortest = 50;             // nothing shorter can be told apart
  static constexpr Nanos kFollowed = 4'000'000'000;  // how much of a live recording is in view

  // The recording has grown. Whoever looks at all of it, or follows, keeps doing so.
  void SetExtent(TimeRange extent, bool follow);

  // Keeps `at` under the cursor; factor < 1 zooms in.
  void ZoomAt(Nanos at, double factor);
  void Pan(Nanos by);
  void Show(TimeRange range);
  void Fit() { range_ = extent_; }
  // Moves as little as possible so that t is in view.
  void Reveal(Nanos t);

  TimeRange range() const { return range_; }
  bool fits() const { return range_ == extent_; }

 private:
  void Confine();

  TimeRange extent_;
  TimeRange range_;
};

}  // namespace tally::viz
