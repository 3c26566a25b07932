#include "sim/cli/counters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "numa/ids.h"
#include "scheduler/runtime/latency_histogram.h"
#include "scheduler/trace/event.h"
#include "sim/cli/summary.h"
#include "sim/metrics/metrics_report.h"

namespace tally::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPriorityNames[kPriorities] = {"critical", "high", "normal", "low"};
constexpr const char* kProximityNames[kProximities] = {"self", "smt",     "l2",    "l3",
                                                       "node", "package", "remote"};
constexpr const char* kBatchNames[kBatchSizes] = {"1", "2-3", "4-7", "8-15", "16+"};
constexpr const char* kActivityNames[kActivities] = {"busy", "searching", "asleep", "waiting"};

template <class T, size_t N>
Json Named(const std::array<T, N>& values, const char* const (&names)[N]) {
  Json json = Json::object();
  for (size_t i = 0; i < N; ++i) json[names[i]] = values[i];
  return json;
}

// The buckets up to the last that is not empty, each with its bound.
Json HistogramJson(const LatencyHistogram& histogram) {
  Json json = {{"count", histogram.Count()},
               {"p50_below_ns", histogram.Quantile(500)},
               {"p99_below_ns", histogram.Quantile(990)}};
  Json buckets = Json::array();
  for (int bucket = 0; bucket < LatencyHistogram::kBuckets; ++bucket) {
    if (histogram.counts[bucket] == 0) continue;
    const Nanos bound = LatencyHistogram::Bound(bucket);
    buckets.push_back({{"below_ns", bound < 0 ? Json(nullptr) : Json(bound)},
                       {"tasks", histogram.counts[bucket]}});
  }
  json["buckets"] = std::move(buckets);
  return json;
}

// By home, a node; the last: of unknown home.
Json TouchedJson(const std::vector<TouchCount>& touched) {
  Json homes = Json::array();
  for (size_t home = 0; home < touched.size(); ++home) {
    if (touched[home].accesses == 0) continue;
    homes.push_back({{"home", home + 1 < touched.size() ? Json(home) : Json()},
                     {"accesses", touched[home].accesses},
                     {"bytes", touched[home].bytes}});
  }
  return homes;
}

Json WorkerJson(const WorkerStats& worker) {
  return {{"executed", Named(worker.executed, kPriorityNames)},
          {"executed_inline", worker.executed_inline},
          {"steals", Named(worker.steals, kProximityNames)},
          {"steals_empty", Named(worker.steals_empty, kProximityNames)},
          {"steals_lost", Named(worker.steals_lost, kProximityNames)},
          {"steal_batches", Named(worker.steal_batches, kBatchNames)},
          {"injector_batches", Named(worker.injector_batches, kBatchNames)},
          {"injector_takes", worker.injector_takes},
          {"injector_lost", worker.injector_lost},
          {"overflows", worker.overflows},
          {"parks", worker.parks},
          {"waits_parked", worker.waits_parked},
          {"spurious_wakes", worker.spurious_wakes},
          {"wakes", worker.wakes},
          {"blocking", worker.blocking},
          {"blocking_alone", worker.blocking_alone},
          {"skipped", worker.skipped},
          {"aged", worker.aged},
          {"inversions", worker.inversions},
          {"queue_wait", HistogramJson(worker.queue_wait)},
          {"wake_latency_ns", worker.wake_latency_ns},
          {"time_ns", Named(worker.time_ns, kActivityNames)},
          {"touched", TouchedJson(worker.touched)}};
}

std::string Below(Nanos bound_ns) {
  return bound_ns < 0 ? "more than 1 s"
                      : absl::StrCat("below ", DurationText(static_cast<uint64_t>(bound_ns)));
}

// Without the spares, whose time is not the workers'.
std::string TimeText(const std::vector<WorkerStats>& workers) {
  WorkerStats total;
  for (const WorkerStats& worker : workers) total += worker;
  const Nanos whole = total.busy_ns() + total.idle_ns();
  if (whole <= 0) return "";
  std::string text;
  for (int i = 0; i < kActivities; ++i) {
    absl::StrAppendFormat(
        &text, "%s%s %.1f %%", i == 0 ? "" : ", ", kActivityNames[i],
        100.0 * static_cast<double>(total.time_ns[i]) / static_cast<double>(whole));
  }
  return absl::StrFormat("  %-12s %s\n", "workers", text);
}

}  // namespace

nlohmann::ordered_json CountersJson(const SchedulerStats& stats) {
  Json json = {{"submitted_outside", stats.submitted_outside}};
  json["total"] = WorkerJson(stats.Total());
  Json workers = Json::array();
  for (const WorkerStats& worker : stats.workers) workers.push_back(WorkerJson(worker));
  json["per_worker"] = std::move(workers);
  json["spares"] = WorkerJson(stats.spares);  // of all together; a part of the total
  return json;
}

std::string CountersText(const SchedulerStats& stats) {
  const WorkerStats total = stats.Total();
  std::string text = TimeText(stats.workers);
  if (const uint64_t waited = total.queue_wait.Count(); waited != 0) {
    absl::StrAppendFormat(&text, "  %-12s half of %s stolen or injected tasks %s, 99 %% %s\n",
                          "queued", WithCommas(waited), Below(total.queue_wait.Quantile(500)),
                          Below(total.queue_wait.Quantile(990)));
  }
  if (total.aged + total.inversions + total.overflows != 0) {
    absl::StrAppendFormat(&text, "  %-12s %s aged, %s inversions, %s overflows\n", "order",
                          WithCommas(total.aged), WithCommas(total.inversions),
                          WithCommas(total.overflows));
  }
  return text;
}

}  // namespace tally::cli
