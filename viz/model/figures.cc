#include "viz/model/figures.h"

namespace tally::viz {

KeyNumbers KeyNumbersOf(const Metrics& metrics) {
  KeyNumbers key{.tasks = metrics.tasks,
                 .steals = metrics.steals,
                 .cross_node = std::nullopt,
                 .parks = metrics.parks,
                 .time = static_cast<Nanos>(metrics.makespan_ns)};
  if (metrics.cross_node) key.cross_node = metrics.cross_node->accesses;
  return key;
}

KeyNumbers KeyNumbersOf(const Totals& totals, const StealMatrix& steals,
                        const CrossNodeMatrix& cross_node, TimeRange range) {
  KeyNumbers key{.tasks = Of(totals.counts, Counted::kEnded),
                 .steals = steals.total,
                 .cross_node = std::nullopt,
                 .parks = Of(totals.counts, Counted::kParked),
                 .time = range.length()};
  if (cross_node.local.accesses + cross_node.cross.accesses != 0) {
    key.cross_node = cross_node.cross.accesses;
  }
  return key;
}

const KeyNumbers& Figures::WholeKey(const TraceModel& model) {
  if (!whole_ || whole_revision_ != model.revision()) {
    whole_ = KeyNumbersOf(ComputeMetrics(model.recording()));
    whole_revision_ = model.revision();
  }
  return *whole_;
}

bool Figures::Update(const Session& session) {
  const TraceModel& model = session.model();
  if (!model.ready()) return false;
  const TimeRange range = session.range();
  if (version_ != 0 && range == range_ && model.revision() == revision_ &&
      live_ == session.live()) {
    return false;
  }
  range_ = range;
  revision_ = model.revision();
  live_ = session.live();
  ++version_;
  steals_ = BuildStealMatrix(model, range);
  cross_node_ = BuildCrossNodeMatrix(model, range);
  workers_ = BuildWorkerTable(model, range);
  totals_ = SumOf(workers_);
  key_ = session.whole() && !session.live() ? WholeKey(model)
                                            : KeyNumbersOf(totals_, steals_, cross_node_, range);
  key_.busy_share = totals_.busy_share;
  return true;
}

}  // namespace tally::viz
