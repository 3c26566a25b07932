// One worker's states over time, and how much of each state any stretch of time holds.
//
// Conflict: zoomed out, a pixel covers thousands of segments; folding them into "busy" loses the
// answer, and adding them up each frame is too slow. So the sums are kept: after every 16th segment
// the time spent in each state so far. A query is two binary searches and at most 16 additions a
// side, exact to the nanosecond at every zoom. The index is by segment count, not by time: a quiet
// hour costs nothing. Price: about 4 bytes a segment.
#pragma once

#include <cstddef>
#include <vector>

#include "viz/model/time_range.h"
#include "viz/model/worker_state.h"

namespace tally::viz {

class StateTrack {
 public:
  // The worker was in `state` from the previous call's `until` (or, at first, from `until` itself:
  // nothing is known before) to `until`. Times must not go back.
  void Append(Nanos until, WorkerState state);

  // From the last `until` on the worker has been in `state`; nothing is known after `horizon`.
  void SetTail(WorkerState state, Nanos horizon);

  // Sums to range.length(): what is not known counts as kAbsent.
  StateTimes Times(TimeRange range) const;

  // Times of `columns` equal columns of `view`, appended to `out`.
  void Columns(TimeRange view, int columns, std::vector<StateTimes>* out) const;

  WorkerState At(Nanos t) const;
  // The stretch of unchanged state around t; empty outside of what is known.
  TimeRange SegmentAt(Nanos t) const;

  size_t segments() const { return starts_.size(); }

 private:
  static constexpr size_t kLeaf = 16;

  // The segment that holds t, searching from `from` on; segments() for the tail.
  size_t Find(Nanos t, size_t from) const;
  // Time by state from the beginning up to t, which lies in segment `i`.
  StateTimes SumBefore(Nanos t, size_t i) const;

  std::vector<Nanos> starts_;
  std::vector<WorkerState> states_;
  std::vector<StateTimes> leaves_;  // [k]: sums of the segments before k * kLeaf
  Nanos end_ = 0;                   // of the last segment; the tail begins here
  Nanos horizon_ = 0;
  WorkerState tail_ = WorkerState::kAbsent;
  bool begun_ = false;
};

}  // namespace tally::viz
