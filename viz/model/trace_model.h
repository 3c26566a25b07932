// A recording, indexed for looking at: grown as the recording grows, asked by every panel.
//
// Conflict: a live recording grows while it is drawn, and a finished one must open at once. Both
// are the same: Update() takes the events that it has not seen yet. Panels ask for ranges and
// columns, whose cost depends on pixels and not on events.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "numa/ids.h"
#include "scheduler/trace/recording.h"
#include "viz/model/min_max_series.h"
#include "viz/model/worker_track.h"

namespace tally::viz {

class TraceModel {
 public:
  TraceModel() = default;
  TraceModel(const TraceModel&) = delete;
  TraceModel& operator=(const TraceModel&) = delete;

  // `recording` must be the same one every time, and outlive the model. True if anything was new.
  bool Update(const Recording& recording);

  // False until the header is known.
  bool ready() const { return recording_ != nullptr; }
  // Grows with every update that brought something: what was computed for an older one is stale.
  uint64_t revision() const { return revision_; }

  const Recording& recording() const { return *recording_; }
  // From the first event to just after the last one.
  TimeRange extent() const { return {begin_, end_}; }
  // From the first spawn to the last end: what the makespan measures, without the workers' arrival
  // and leaving. Equal to extent() before anything was spawned.
  TimeRange run() const;
  // As people are told times: since the first event.
  Nanos SinceBegin(Nanos t) const { return t - begin_; }

  // Ids below are workers' and, from regular_workers() on, spares'.
  int workers() const { return static_cast<int>(tracks_.size()); }
  int regular_workers() const { return workers() - static_cast<int>(recording_->header.spares); }
  // Its number among the spares; negative: a worker.
  int SpareNumber(WorkerId id) const { return id.value() - regular_workers(); }
  bool IsSpare(WorkerId id) const { return SpareNumber(id) >= 0; }
  int nodes() const { return static_cast<int>(workers_of_node_.size()); }
  const WorkerTrack& worker(WorkerId id) const { return tracks_[id.index()]; }
  NodeId NodeOf(WorkerId id) const { return node_of_worker_[id.index()]; }
  // What has a row: workers, then the spares that have served so far. Most never do, and whoever
  // records himself has as many in his header as there are workers. A row that has come stays:
  // if rows went with what is in view, none would keep its place while one zooms and pans.
  const std::vector<WorkerId>& WorkersOf(NodeId node) const {
    return workers_of_node_[node.index()];
  }
  // SLIT style: 10 is local.
  int Distance(NodeId from, NodeId to) const;
  // Tasks in the node's injector.
  const MinMaxSeries& Injector(NodeId node) const { return injectors_[node.index()]; }
  // The deepest queue, over all workers and injectors.
  uint32_t greatest_depth() const;

  // The name that the task was spawned with; empty if it has none.
  std::string_view TaskName(TaskId task) const;

 private:
  void Start(const Recording& recording);
  void Appear(size_t worker);
  void Take(size_t lane, const Event& event);
  void TakeDepth(size_t lane, const Event& event);

  const Recording* recording_ = nullptr;
  uint64_t revision_ = 0;
  Nanos begin_ = 0;
  Nanos end_ = 0;
  bool any_event_ = false;
  Nanos first_spawn_ = std::numeric_limits<Nanos>::max();
  Nanos last_end_ = std::numeric_limits<Nanos>::min();
  std::vector<NodeId> node_of_worker_;
  std::vector<std::vector<WorkerId>> workers_of_node_;
  std::vector<bool> appeared_;  // by WorkerId: it is in workers_of_node_
  std::vector<WorkerTrack> tracks_;
  std::vector<MinMaxSeries> injectors_;
  std::vector<std::vector<MinMaxSeries::Sample>> injector_news_;  // of this update, by NodeId
  std::vector<std::vector<MinMaxSeries::Sample>> deque_news_;     // of this update, by WorkerId
  std::vector<size_t> taken_;                                     // events consumed, by lane
  absl::flat_hash_map<TaskId, uint32_t> name_of_task_;
};

}  // namespace tally::viz
