#include "viz/model/worker_table.h"

namespace tally::viz {

double WorkerRow::busy_share() const {
  return of == 0 ? 0 : static_cast<double>(busy()) / static_cast<double>(of);
}

std::vector<WorkerRow> BuildWorkerTable(const TraceModel& model, TimeRange range) {
  std::vector<WorkerRow> rows;
  const TimeRange working = range.Clip(model.run());
  rows.reserve(static_cast<size_t>(model.workers()));
  for (int node = 0; node < model.nodes(); ++node) {
    for (WorkerId worker : model.WorkersOf(NodeId(node))) {
      const WorkerTrack& track = model.worker(worker);
      rows.push_back({.worker = worker,
                      .node = NodeId(node),
                      .spare = model.SpareNumber(worker),
                      .counts = track.CountsIn(range),
                      .times = track.states().Times(working),
                      .depth_max = track.depth().Over(range).max,
                      .of = working.length()});
    }
  }
  return rows;
}

Totals SumOf(const std::vector<WorkerRow>& rows) {
  Totals totals;
  for (const WorkerRow& row : rows) {
    for (size_t i = 0; i < kCounted; ++i) totals.counts[i] += row.counts[i];
    if (row.spare >= 0) {
      totals.spares_served += row.of - row.times[static_cast<size_t>(WorkerState::kAbsent)];
      totals.spares_busy += row.busy();
      continue;
    }
    for (size_t s = 0; s < totals.times.size(); ++s) totals.times[s] += row.times[s];
    totals.busy += row.busy();
    totals.of += row.of;
  }
  if (totals.of != 0) {
    totals.busy_share = static_cast<double>(totals.busy) / static_cast<double>(totals.of);
  }
  return totals;
}

}  // namespace tally::viz
