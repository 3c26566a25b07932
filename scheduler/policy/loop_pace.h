// How many iterations a loop with automatic grain runs between two looks at who wants some.
//
// Conflict: each look costs a few nanoseconds and breaks a vectorised loop, so there should be
// many iterations in between; but how long they take is only known afterwards, and what a worker
// has begun cannot be stolen from it. So: begin with one, and go on growing while they are short.
// In powers of two, and up to a multiple of them: iterations that go through an array then begin
// where a vector of it does, and no two workers share a line of it for long.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "numa/ids.h"

namespace tally {

// A worker's, in one loop. A pure function of the times that it is told.
class LoopPace {
 public:
  // A loop of `iterations` by at most `workers`: however short they seemed, the next ones may be
  // long, so one look is for at most a 16th of a worker's part.
  LoopPace(uint64_t iterations, uint32_t workers)
      : most_(static_cast<int64_t>(std::bit_floor(std::clamp<uint64_t>(
            iterations / (uint64_t{16} * std::max(workers, 1u)), 1, kMost)))) {}

  // How many to run next, from iteration `first` on.
  int64_t Next(int64_t first) const { return next_ - (first & (next_ - 1)); }

  // `ran` iterations, as many as Next() said or fewer, took this long.
  void Took(Nanos nanos, int64_t ran) {
    if (ran < next_) nanos = std::min(nanos, 4 * kTargetNanos) * next_ / std::max<int64_t>(ran, 1);
    if (nanos < kTargetNanos / 8) {
      next_ = std::min(next_ * 4, most_);
    } else if (nanos < kTargetNanos / 2) {
      next_ = std::min(next_ * 2, most_);
    } else if (nanos > kTargetNanos * 2) {
      next_ = std::max<int64_t>(next_ / 2, 1);
    }
  }

 private:
  // A hundred times what a look costs, and less than what a thief waits for an answer.
  static constexpr Nanos kTargetNanos = 2'000;
  static constexpr int64_t kMost = int64_t{1} << 40;

  const int64_t most_;
  int64_t next_ = 1;
};

}  // namespace tally
