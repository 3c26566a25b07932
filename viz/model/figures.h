// Every number that panels show, for the range in question; computed again only when the range or
// the recording changed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/metrics/metrics.h"
#include "viz/model/matrices.h"
#include "viz/model/session.h"
#include "viz/model/worker_table.h"

namespace tally::viz {

// The top bar. Of a whole recording they are those of sim/metrics, which `tally stats` prints; of a
// part of it, or while it grows, they are added up from the model's index.
struct KeyNumbers {
  uint64_t tasks = 0;  // finished
  uint64_t steals = 0;
  std::optional<uint64_t> cross_node;  // accesses; unknown when no touch has a known home
  uint64_t parks = 0;
  Nanos time = 0;         // the makespan, or the length of the range
  double busy_share = 0;  // see Totals
};

KeyNumbers KeyNumbersOf(const Metrics& metrics);
// `range`: what the others were computed for.
KeyNumbers KeyNumbersOf(const Totals& totals, const StealMatrix& steals,
                        const CrossNodeMatrix& cross_node, TimeRange range);

class Figures {
 public:
  // True if anything was computed anew.
  bool Update(const Session& session);

  const KeyNumbers& key() const { return key_; }
  const StealMatrix& steals() const { return steals_; }
  const CrossNodeMatrix& cross_node() const { return cross_node_; }
  const std::vector<WorkerRow>& workers() const { return workers_; }
  const Totals& totals() const { return totals_; }
  uint64_t version() const { return version_; }

 private:
  const KeyNumbers& WholeKey(const TraceModel& model);

  std::optional<KeyNumbers> whole_;  // of the recording at whole_revision_
  uint64_t whole_revision_ = 0;
  TimeRange range_;
  uint64_t revision_ = 0;
  uint64_t version_ = 0;
  bool live_ = false;
  KeyNumbers key_;
  StealMatrix steals_;
  CrossNodeMatrix cross_node_;
  std::vector<WorkerRow> workers_;
  Totals totals_;
};

}  // namespace tally::viz
