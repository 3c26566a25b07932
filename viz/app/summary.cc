#include "viz/app/summary.h"

#include "absl/strings/str_cat.h"
#include "sim/metrics/metrics.h"
#include "viz/model/format.h"

namespace tally::viz {

std::string Summary(const Recording& recording, const std::string& picture) {
  const Metrics metrics = ComputeMetrics(recording);
  std::string text = absl::StrCat(
      recording.header.workload, ": ", FormatCount(metrics.tasks), " tasks in ",
      FormatDuration(static_cast<Nanos>(metrics.makespan_ns)), " on ", metrics.workers.size(),
      metrics.workers.size() == 1 ? " worker, " : " workers, ", FormatCount(metrics.steals),
      " steals, ", FormatCount(metrics.parks), " parks\n");
  for (size_t w = 0; w < metrics.workers.size() && w < 16; ++w) {
    const Metrics::Worker& worker = metrics.workers[w];
    const double busy = metrics.makespan_ns == 0 ? 0
                                                 : static_cast<double>(worker.busy_ns) /
                                                       static_cast<double>(metrics.makespan_ns);
    absl::StrAppend(&text, "  worker ", w, ": ", FormatCount(worker.executed), " tasks, ",
                    FormatCount(worker.steals), " stolen, busy ", FormatPercent(busy), "\n");
  }
  if (metrics.workers.size() > 16) {
    absl::StrAppend(&text, "  and ", metrics.workers.size() - 16, " more\n");
  }
  absl::StrAppend(&text, "picture: ", picture, "\n");
  return text;
}

}  // namespace tally::viz
