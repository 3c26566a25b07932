#include "sim/metrics/touch_counts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "numa/ids.h"

namespace tally {
namespace {

void Count(Metrics::Touches& touches, uint64_t bytes) {
  ++touches.accesses;
  touches.bytes += bytes;
}

}  // namespace

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
  const NodeId from = lane < workers.size() ? workers[lane].node : NodeId();
  const bool known =
      from.valid() && event.peer >= 0 && static_cast<size_t>(event.peer) < metrics_.nodes;
  const auto home = static_cast<size_t>(known ? event.peer : 0);
  Count(known ? metrics_.touches[from.index() * metrics_.nodes + home] : metrics_.touches_unknown,
        event.arg);
  const auto count_in = [&](Metrics::Touched& touched) {
    Count(!known                 ? touched.unknown
          : from.index() == home ? touched.local
                                 : touched.remote,
          event.arg);
  };
  if (lane < metrics_.workers.size()) count_in(metrics_.workers[lane].touched);
  count_in(by_name_[running_[lane].empty() ? 0 : running_[lane].back()]);
}

void TouchCounts::Finish() {
  Metrics::Touches cross;
  bool known = false;
  for (const auto& [hash, touched] : by_name_) {
    const std::string_view name = recording_.NameOf(hash);
    metrics_.touched_by_task.push_back(
        {.name = name.empty() ? absl::StrFormat("%08x", hash) : std::string(name),
         .touched = touched});
    cross.accesses += touched.remote.accesses;
    cross.bytes += touched.remote.bytes;
    known = known || touched.remote.accesses + touched.local.accesses != 0;
  }
  std::sort(
      metrics_.touched_by_task.begin(), metrics_.touched_by_task.end(),
      [](const Metrics::TaskTouched& a, const Metrics::TaskTouched& b) { return a.name < b.name; });
  if (known) metrics_.cross_node = cross;
}

}  // namespace tally
