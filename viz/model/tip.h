// What a tooltip says: a title, and a few lines of label and value.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "viz/model/matrices.h"
#include "viz/model/trace_model.h"
#include "viz/model/worker_table.h"

namespace tally::viz {

struct Tip {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
  std::string note;  // what to do next, or what the numbers leave out
  bool empty() const { return title.empty(); }
};

// `column`: the time under the cursor, one pixel wide. `resolution`: how exactly to tell times.
Tip TimelineTip(const TraceModel& model, WorkerId worker, TimeRange column);
// An invalid worker: the node's injector.
Tip DepthTip(const TraceModel& model, WorkerId worker, NodeId node, TimeRange column);
// Of the top bar's share.
Tip BusyTip(const TraceModel& model, const Totals& totals);
Tip OverviewTip(const TraceModel& model, TimeRange column);
Tip StealTip(const TraceModel& model, const StealMatrix& matrix, int thief, int victim);
Tip CrossNodeTip(const TraceModel& model, const CrossNodeMatrix& matrix, int from, int home);

}  // namespace tally::viz
