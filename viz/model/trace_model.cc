#include "viz/model/trace_model.h"

#include <algorithm>
#include <utility>

namespace tally::viz {

void TraceModel::Start(const Recording& recording) {
  recording_ = &recording;
  const RecordingHeader& header = recording.header;
  const size_t nodes = std::max<size_t>(1, header.node_os_indexes.size());
  workers_of_node_.resize(nodes);
  injectors_.resize(nodes);
  injector_news_.resize(nodes);
  deque_news_.resize(header.workers.size());
  for (size_t w = 0; w < header.workers.size(); ++w) {
    // A worker without a node (a machine that names none) is shown on the first.
    NodeId node = header.workers[w].node;
    if (!node.valid() || node.index() >= nodes) node = NodeId(0);
    node_of_worker_.push_back(node);
  }
  appeared_.resize(header.workers.size());
  for (size_t w = 0; w < header.regular_workers(); ++w) Appear(w);
  tracks_.reserve(header.workers.size());
  for (size_t w = 0; w < header.workers.size(); ++w) {
    tracks_.emplace_back(WorkerId(static_cast<int32_t>(w)), &node_of_worker_, nodes);
  }
}

void TraceModel::Appear(size_t worker) {
  if (appeared_[worker]) return;
  appeared_[worker] = true;
  const WorkerId id(static_cast<int32_t>(worker));
  std::vector<WorkerId>& row = workers_of_node_[NodeOf(id).index()];
  row.insert(std::upper_bound(row.begin(), row.end(), id), id);
}

void TraceModel::Take(size_t lane, const Event& event) {
  if (lane < appeared_.size()) Appear(lane);
  // A damaged recording may have lost the victim's lane.
  const auto victim = static_cast<size_t>(event.peer);
  if (event.kind == EventKind::kSteal && event.peer >= 0 && victim < appeared_.size()) {
    Appear(victim);
  }
  begin_ = any_event_ ? std::min(begin_, event.time) : event.time;
  end_ = any_event_ ? std::max(end_, event.time + 1) : event.time + 1;
  any_event_ = true;
  if (event.kind == EventKind::kSpawn) first_spawn_ = std::min(first_spawn_, event.time);
  if (event.kind == EventKind::kEnd) last_end_ = std::max(last_end_, event.time);
  if (event.kind == EventKind::kSpawn && event.aux != 0) name_of_task_[event.task] = event.aux;
  if (event.kind == EventKind::kDepth) TakeDepth(lane, event);
}

// Whose queue it is, is not always whose lane it is: thieves report their victims'.
void TraceModel::TakeDepth(size_t lane, const Event& event) {
  const bool injector = event.peer >= 0;
  const size_t queue = injector         ? static_cast<size_t>(event.peer)
                       : event.arg == 0 ? lane
                                        : static_cast<size_t>(event.arg - 1);
  std::vector<std::vector<MinMaxSeries::Sample>>& news = injector ? injector_news_ : deque_news_;
  if (queue < news.size()) news[queue].push_back({event.time, event.aux});
}

bool TraceModel::Update(const Recording& recording) {
  if (recording.header.workers.empty()) return false;
  bool news = false;
  if (recording_ == nullptr) {
    Start(recording);
    news = true;
  }
  taken_.resize(recording.lanes.size());
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    const std::vector<Event>& events = recording.lanes[lane];
    news = news || taken_[lane] < events.size();
    for (size_t i = taken_[lane]; i < events.size(); ++i) {
      Take(lane, events[i]);
      if (lane < tracks_.size()) tracks_[lane].Append(events[i]);
    }
    taken_[lane] = events.size();
  }
  if (!news) return false;
  for (size_t node = 0; node < injectors_.size(); ++node) {
    injectors_[node].Merge(std::exchange(injector_news_[node], {}));
  }
  for (size_t w = 0; w < tracks_.size(); ++w) {
    tracks_[w].MergeDepth(std::exchange(deque_news_[w], {}));
    tracks_[w].SetHorizon(end_);
  }
  ++revision_;
  return true;
}

TimeRange TraceModel::run() const {
  if (last_end_ <= first_spawn_) return extent();
  return {first_spawn_, last_end_};
}

int TraceModel::Distance(NodeId from, NodeId to) const {
  const std::vector<int>& matrix = recording_->header.node_distances;
  const size_t n = workers_of_node_.size();
  if (matrix.size() != n * n) return from == to ? 10 : 20;
  return matrix[from.index() * n + to.index()];
}

uint32_t TraceModel::greatest_depth() const {
  uint32_t greatest = 0;
  for (const WorkerTrack& track : tracks_) greatest = std::max(greatest, track.depth().greatest());
  for (const MinMaxSeries& series : injectors_) greatest = std::max(greatest, series.greatest());
  return greatest;
}

std::string_view TraceModel::TaskName(TaskId task) const {
  const auto found = name_of_task_.find(task);
  if (found == name_of_task_.end()) return {};
  return recording_->NameOf(found->second);
}

}  // namespace tally::viz
