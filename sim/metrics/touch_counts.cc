#include "sim/metrics/touch_counts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "numa/ids.h"

namespace tally {

void Metrics::Touches::operator+=(const Touches& more) {
  accesses += more.accesses;
  bytes += more.bytes;
}

void Metrics::Touched::Add(NodeId from, NodeId home, const Touches& touches) {
  (!home.valid() ? unknown : from == home ? local : remote) += touches;
}

void Metrics::AddTouches(size_t worker, NodeId from, NodeId home, const Touches& more) {
  touches_without_node.resize(nodes);
  (!home.valid()  ? touches_unknown
   : from.valid() ? touches[from.index() * nodes + home.index()]
                  : touches_without_node[home.index()]) += more;
  if (worker < workers.size()) workers[worker].touched.Add(from, home, more);
  if (!home.valid()) return;
  if (!cross_node) cross_node = Touches();
  if (from != home) *cross_node += more;
}

TouchCounts::TouchCounts(const Recording& recording, Metrics& metrics)
    : recording_(recording), metrics_(metrics), running_(recording.lanes.size()) {
  metrics_.touches.resize(metrics_.nodes * metrics_.nodes);
}

void TouchCounts::Add(size_t lane, const Event& event) {
  switch (event.kind) {
    case EventKind::kBegin:
      running_[lane].push_back(event.aux);
      break;
    case EventKind::kEnd:
      if (!running_[lane].empty()) running_[lane].pop_back();  // a recording may begin in between
      break;
    case EventKind::kTouch:
      Touch(lane, event);
      break;
    default:
      break;
  }
}

void TouchCounts::Touch(size_t lane, const Event& event) {
  const std::vector<RecordingHeader::Worker>& workers = recording_.header.workers;
  NodeId from = lane < workers.size() ? workers[lane].node : NodeId();
  NodeId home(event.peer);
  const auto exists = [&](NodeId node) { return node.valid() && node.index() < metrics_.nodes; };
  if (!exists(from)) from = NodeId();
  if (!exists(home)) home = NodeId();
  const Metrics::Touches touch = {.accesses = 1, .bytes = event.arg};
  metrics_.AddTouches(lane, from, home, touch);
  by_name_[running_[lane].empty() ? 0 : running_[lane].back()].Add(from, home, touch);
}

void TouchCounts::Finish() {
  for (const auto& [hash, touched] : by_name_) {
    const std::string_view name = recording_.NameOf(hash);
    metrics_.touched_by_task.push_back(
        {.name = name.empty() ? absl::StrFormat("%08x", hash) : std::string(name),
         .touched = touched});
  }
  std::sort(
      metrics_.touched_by_task.begin(), metrics_.touched_by_task.end(),
      [](const Metrics::TaskTouched& a, const Metrics::TaskTouched& b) { return a.name < b.name; });
}

}  // namespace tally
