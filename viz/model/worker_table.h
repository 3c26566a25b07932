// The same few numbers about every worker, over a range of time.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/trace_model.h"

namespace tally::viz {

struct WorkerRow {
  WorkerId worker;
  NodeId node;
  Counts counts{};
  StateTimes times{};
  uint32_t depth_max = 0;
  Nanos of = 0;  // how much time `times` adds up to

  Nanos busy() const {
    return times[static_cast<size_t>(WorkerState::kRunOwn)] +
           times[static_cast<size_t>(WorkerState::kRunStolen)];
  }
  double busy_share() const;  // 0 of no time
};

// Sorted by node, then worker. Events are counted over the whole range; states only as far as the
// run goes, so that shares are of the makespan.
std::vector<WorkerRow> BuildWorkerTable(const TraceModel& model, TimeRange range);

// The table's sums: what the top bar shows for a part of a recording.
struct Totals {
  Counts counts{};
  StateTimes times{};
  double busy_share = 0;
};
Totals SumOf(const std::vector<WorkerRow>& rows);

}  // namespace tally::viz
