#include "sim/cli/outcome.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/recording.h"
#include "sim/cli/counters.h"
#include "sim/cli/summary.h"
#include "sim/metrics/metrics.h"
#include "sim/metrics/metrics_report.h"

namespace tally::cli {
namespace {

// The run was longer than memory: what the scheduler itself has counted.
Metrics FromCounters(const Tape& tape, const Outcome& outcome) {
  const WorkerStats total = outcome.stats.Total();
  Metrics metrics;
  metrics.tasks = total.executed_inline;
  for (size_t level = 0; level < kPriorities; ++level) {
    metrics.tasks_by_priority[level] = total.executed[level];
    metrics.tasks += total.executed[level];
  }
  for (const uint64_t steals : total.steals) metrics.steals += steals;
  for (const uint64_t empty : total.steals_empty) metrics.steal_fails += empty;
  metrics.parks = total.parks + total.waits_parked;
  metrics.wakes = total.wakes;
  metrics.injector_takes = total.injector_takes;
  metrics.events = tape.summary().decisions + tape.summary().timeline;
  metrics.makespan_ns = static_cast<uint64_t>(outcome.elapsed_ns);
  metrics.fingerprint = tape.summary().fingerprint;
  return metrics;
}

std::string Dump(const nlohmann::ordered_json& json) {
  return absl::StrCat(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n");
}

std::string LongRunJson(const Tape& tape, const Metrics& metrics, const SchedulerStats& stats) {
  Recording empty;
  empty.header = tape.header();
  empty.loss.sealed = true;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(MetricsJson(empty, metrics));
  for (const char* unknown :
       {"tasks_by_priority", "spawned", "work_ns", "span_ns", "cross_node_accesses",
        "cross_node_bytes", "touches_of_unknown_home", "bytes_of_unknown_home", "reclaims",
        "depth_max", "injector_depth_max", "per_worker", "steal_matrix", "node_accesses",
        "node_bytes"}) {
    json[unknown] = nullptr;
  }
  json["steals"] = {{"total", metrics.steals}, {"failed", metrics.steal_fails}};
  json["counters"] = CountersJson(stats);
  return Dump(json);
}

std::string LongRunSummary(const Metrics& metrics) {
  return absl::StrCat("too long to keep every event in memory (", WithCommas(metrics.events),
                      "): no work, span and bars; --record keeps them in a file\n\n",
                      "  elapsed      ", DurationText(metrics.makespan_ns), "\n", "  tasks        ",
                      WithCommas(metrics.tasks), "\n", "  steals       ",
                      WithCommas(metrics.steals), "\n", "  sleep        ",
                      WithCommas(metrics.parks), " parks, ", WithCommas(metrics.wakes), " wakes\n",
                      "  fingerprint  ", FingerprintText(metrics.fingerprint), "\n");
}

}  // namespace

absl::StatusOr<std::string> Describe(const Tape& tape, const Outcome& outcome, bool json) {
  if (!tape.recording()) {
    const Metrics metrics = FromCounters(tape, outcome);
    return json ? LongRunJson(tape, metrics, outcome.stats)
                : absl::StrCat(LongRunSummary(metrics), "\n", CountersText(outcome.stats));
  }
  const Recording& recording = *tape.recording();
  const Metrics metrics = ComputeMetrics(recording);
  if (metrics.fingerprint != tape.summary().fingerprint) {
    return absl::InternalError(
        absl::StrCat("the recorder's fingerprint is ", FingerprintText(tape.summary().fingerprint),
                     " and that of what it wrote ", FingerprintText(metrics.fingerprint)));
  }
  if (!json) return absl::StrCat(Summary(recording, metrics), "\n", CountersText(outcome.stats));
  nlohmann::ordered_json object = nlohmann::ordered_json::parse(MetricsJson(recording, metrics));
  object["counters"] = CountersJson(outcome.stats);
  return Dump(object);
}

}  // namespace tally::cli
