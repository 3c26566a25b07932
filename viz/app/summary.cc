#include "viz/app/summary.h"

#include "absl/strings/str_cat.h"
#include "sim/metrics/metrics.h"
#include "sim/metrics/metrics_report.h"
#include "viz/model/format.h"

namespace tally::viz {

constexpr size_t kMostRows = 16;

std::string Summary(const Recording& recording, const std::string& picture) {
  const Metrics metrics = ComputeMetrics(recording);
  std::string text = absl::StrCat(
      recording.header.workload, ": ", FormatCount(metrics.tasks), " tasks in ",
      FormatDuration(static_cast<Nanos>(metrics.makespan_ns)), " on ", WorkersText(recording), ", ",
      FormatCount(metrics.steals), " steals, ", FormatCount(metrics.parks), " parks\n");
  size_t rows = 0;
  for (size_t w = 0; w < metrics.workers.size(); ++w) {
    if (recording.header.IsSpare(w) && recording.lanes[w].empty()) continue;  // it never served
    if (++rows > kMostRows) continue;
    const Metrics::Worker& worker = metrics.workers[w];
    const double busy = metrics.makespan_ns == 0 ? 0
                                                 : static_cast<double>(worker.busy_ns) /
                                                       static_cast<double>(metrics.makespan_ns);
    absl::StrAppend(&text, "  ", recording.header.NameOfLane(w), ": ", FormatCount(worker.executed),
                    " tasks, ", FormatCount(worker.steals), " stolen, busy ", FormatPercent(busy),
                    "\n");
  }
  if (rows > kMostRows) absl::StrAppend(&text, "  and ", rows - kMostRows, " more\n");
  absl::StrAppend(&text, "picture: ", picture, "\n");
  return text;
}

}  // namespace tally::viz
