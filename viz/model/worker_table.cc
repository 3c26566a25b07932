#include "viz/model/worker_table.h"

namespace tally::viz {

Nanos WorkerRow::known() const {
  Nanos sum = 0;
  for (Nanos t : times) sum += t;
  return sum - times[static_cast<size_t>(WorkerState::kAbsent)];
}

double WorkerRow::busy_share() const {
  return known() == 0 ? 0 : static_cast<double>(busy()) / static_cast<double>(known());
}

std::vector<WorkerRow> BuildWorkerTable(const TraceModel& model, TimeRange range) {
  std::vector<WorkerRow> rows;
  rows.reserve(static_cast<size_t>(model.workers()));
  for (int node = 0; node < model.nodes(); ++node) {
    for (WorkerId worker : model.WorkersOf(NodeId(node))) {
      const WorkerTrack& track = model.worker(worker);
      rows.push_back({.worker = worker,
                      .node = NodeId(node),
                      .counts = track.CountsIn(range),
                      .times = track.states().Times(range),
                      .depth_max = track.depth().Over(range).max});
    }
  }
  return rows;
}

Totals SumOf(const std::vector<WorkerRow>& rows) {
  Totals totals;
  Nanos busy = 0;
  Nanos known = 0;
  for (const WorkerRow& row : rows) {
    for (size_t i = 0; i < kCounted; ++i) totals.counts[i] += row.counts[i];
    for (size_t s = 0; s < totals.times.size(); ++s) totals.times[s] += row.times[s];
    busy += row.busy();
    known += row.known();
  }
  if (known != 0) totals.busy_share = static_cast<double>(busy) / static_cast<double>(known);
  return totals;
}

}  // namespace tally::viz
