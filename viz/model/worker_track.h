// Everything that the dashboard knows about one worker, grown event by event.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/event.h"
#include "viz/model/count_index.h"
#include "viz/model/min_max_series.h"
#include "viz/model/span_list.h"
#include "viz/model/state_track.h"
#include "viz/model/worker_state.h"

namespace tally::viz {

// What is counted per worker.
enum class Counted : uint8_t { kBegun, kEnded, kSpawned, kStolen, kTaken, kParked, kWoke, kFailed };
inline constexpr size_t kCounted = 8;
using Counts = std::array<uint64_t, kCounted>;
inline uint64_t Of(const Counts& counts, Counted what) { return counts[static_cast<size_t>(what)]; }

class WorkerTrack {
 public:
  WorkerTrack(WorkerId worker, const std::vector<NodeId>* node_of_worker, size_t nodes);

  void Append(const Event& event);
  // How long the worker's deques were, by whoever saw it.
  void MergeDepth(std::vector<MinMaxSeries::Sample> samples) { depth_.Merge(std::move(samples)); }
  // No event is known after `horizon`.
  void SetHorizon(Nanos horizon);

  WorkerId worker() const { return worker_; }
  NodeId node() const { return (*node_of_worker_)[worker_.index()]; }
  const StateTrack& states() const { return states_; }
  const MinMaxSeries& depth() const { return depth_; }
  const SpanList& spans() const { return spans_; }
  const CountIndex& counted() const { return counted_; }  // category: Counted
  const CountIndex& steals() const { return steals_; }    // category: victim
  const CountIndex& touches() const { return touches_; }  // category: home node; last: unknown

  Counts CountsIn(TimeRange range) const;

 private:
  void Count(const Event& event, Counted what) {
    counted_.Append(event.time, static_cast<size_t>(what));
  }

  WorkerId worker_;
  const std::vector<NodeId>* node_of_worker_;
  size_t nodes_;
  LaneFold fold_;
  StateTrack states_;
  MinMaxSeries depth_;
  SpanList spans_;
  CountIndex counted_;
  CountIndex steals_;
  CountIndex touches_;
};

}  // namespace tally::viz
