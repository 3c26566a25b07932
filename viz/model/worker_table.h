// The same few numbers about every worker, over a range of time.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/trace_model.h"

namespace tally::viz {

struct WorkerRow {
  WorkerId worker;
  NodeId node;
  int spare = -1;  // see TraceModel::SpareNumber()
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

// Sorted by node, then worker, then spare; of these those that have served. Events are counted over
// the whole range; states only as far as the run goes, so that shares are of the makespan.
std::vector<WorkerRow> BuildWorkerTable(const TraceModel& model, TimeRange range);

// The table's sums: what the top bar shows for a part of a recording.
struct Totals {
  Counts counts{};  // of all
  // Of the workers' time. Spares have no part in it: while one serves, a worker's task blocks, and
  // that worker counts as running, or all workers run tasks and it runs a Critical one besides.
  // With both there would be more time than the workers have, and with the spares' rest much that
  // nobody could have used.
  StateTimes times{};
  Nanos busy = 0;
  Nanos of = 0;
  double busy_share = 0;
  // The spares' own.
  Nanos spares_served = 0;
  Nanos spares_busy = 0;
};
Totals SumOf(const std::vector<WorkerRow>& rows);

}  // namespace tally::viz
