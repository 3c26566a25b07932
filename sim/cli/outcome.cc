#include "sim/cli/outcome.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/recording.h"
#include "sim/cli/counters.h"
#include "sim/cli/summary.h"
#include "sim/metrics/metrics.h"
#include "sim/metrics/metrics_report.h"

namespace tally::cli {
namespace {

// Where all spares are; -1: on several nodes, or on none.
NodeId NodeOfSpares(const RecordingHeader& header) {
  NodeId node;
  for (size_t w = header.regular_workers(); w < header.workers.size(); ++w) {
    if (w != header.regular_workers() && header.workers[w].node != node) return NodeId();
    node = header.workers[w].node;
  }
  return node;
}

// What tasks declared, which the scheduler has counted by worker and home. All spares together it
// has counted once: they are in the sums, but nobody of the list. If they are on several nodes it
// is unknown whether they used another's memory, and counted as if the home were.
void AddTouches(const RecordingHeader& header, const SchedulerStats& stats, Metrics& metrics) {
  metrics.nodes = header.node_os_indexes.size();
  metrics.touches.resize(metrics.nodes * metrics.nodes);
  metrics.workers.resize(header.regular_workers());
  const auto add = [&metrics](size_t worker, NodeId from, const TouchesByHome& touched) {
    for (size_t home = 0; home < touched.size(); ++home) {
      const Metrics::Touches count = {touched[home].accesses, touched[home].bytes};
      if (count.accesses == 0) continue;
      const bool known = home < metrics.nodes && (from.valid() || worker < metrics.workers.size());
      metrics.AddTouches(worker, from, known ? NodeId(static_cast<int32_t>(home)) : NodeId(),
                         count);
    }
  };
  for (size_t w = 0; w < stats.workers.size() && w < metrics.workers.size(); ++w) {
    add(w, header.workers[w].node, stats.workers[w].touched);
  }
  add(metrics.workers.size(), NodeOfSpares(header), stats.spares.touched);
}

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
  AddTouches(tape.header(), outcome.stats, metrics);
  return metrics;
}

std::string Dump(const nlohmann::ordered_json& json) {
  return absl::StrCat(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n");
}

// Pages that tasks used, by where they are; null for workloads that do not count them.
void AddPages(const std::optional<PageAccesses>& pages, nlohmann::ordered_json& json) {
  for (const char* key : {"pages_local", "pages_remote", "pages_unknown", "pages_source"}) {
    json[key] = nullptr;
  }
  if (!pages) return;
  json["pages_local"] = pages->local;
  json["pages_remote"] = pages->remote;
  json["pages_unknown"] = pages->unknown;
  json["pages_source"] = std::string(pages->source);
}

std::string PagesText(const std::optional<PageAccesses>& pages) {
  if (!pages) return "";
  const uint64_t known = pages->local + pages->remote;
  std::string text =
      known == 0
          ? "  pages        "
          : absl::StrFormat("  pages        %.1f %% local: ",
                            100.0 * static_cast<double>(pages->local) / static_cast<double>(known));
  absl::StrAppend(&text, WithCommas(pages->local), " used on their node, ",
                  WithCommas(pages->remote), " from other nodes");
  if (pages->unknown != 0) absl::StrAppend(&text, ", ", WithCommas(pages->unknown), " unknown");
  return absl::StrCat(text, " (", absl::string_view(pages->source.data(), pages->source.size()),
                      ")\n");
}

// The ladder's answer, in place of what the recording alone knows.
void AddCrossNode(const Tape& tape, const Outcome& outcome, const Metrics& metrics,
                  nlohmann::ordered_json& json) {
  if (!outcome.accesses) return;  // virtual time: touches are all that there is
  const CrossNode cross = CountCrossNode(*outcome.accesses, metrics, tape.header());
  json["cross_node"] = CrossNodeJson(cross, *outcome.accesses, metrics, tape.header());
  json["cross_node_accesses"] = json["cross_node"]["accesses"];
  json["cross_node_bytes"] = json["cross_node"]["bytes"];
  json["cross_node_source"] = cross.source;
}

// A line of its own for a number that is not in the recording.
std::string CrossNodeText(const Tape& tape, const Outcome& outcome, const Metrics& metrics) {
  if (!outcome.accesses) return "";
  const CrossNode cross = CountCrossNode(*outcome.accesses, metrics, tape.header());
  if (cross.rung == AccessRung::kDeclared || !cross.accesses) return "";
  return absl::StrCat("  cross-node   ", WithCommas(*cross.accesses), " (", cross.source, ")\n");
}

std::string LongRunJson(const Tape& tape, const Metrics& metrics, const Outcome& outcome) {
  Recording empty;
  empty.header = tape.header();
  empty.loss.sealed = true;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(MetricsJson(empty, metrics));
  for (const char* unknown : {"tasks_by_priority", "spawned", "work_ns", "span_ns", "busy_share",
                              "spares_busy_ns", "reclaims", "depth_max", "injector_depth_max",
                              "per_worker", "per_task_type", "steal_matrix"}) {
    json[unknown] = nullptr;
  }
  // The header has all that there might have been, not those that served.
  if (tape.header().spares != 0) json["spares"] = nullptr;
  json["steals"] = {{"total", metrics.steals}, {"failed", metrics.steal_fails}};
  json["counters"] = CountersJson(outcome.stats);
  AddPages(outcome.result.pages, json);
  AddCrossNode(tape, outcome, metrics, json);
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
    return json ? LongRunJson(tape, metrics, outcome)
                : absl::StrCat(LongRunSummary(metrics), CrossNodeText(tape, outcome, metrics),
                               PagesText(outcome.result.pages), "\n", CountersText(outcome.stats));
  }
  const Recording& recording = *tape.recording();
  const Metrics metrics = ComputeMetrics(recording);
  if (metrics.fingerprint != tape.summary().fingerprint) {
    return absl::InternalError(
        absl::StrCat("the recorder's fingerprint is ", FingerprintText(tape.summary().fingerprint),
                     " and that of what it wrote ", FingerprintText(metrics.fingerprint)));
  }
  if (!json) {
    return absl::StrCat(Summary(recording, metrics), CrossNodeText(tape, outcome, metrics),
                        PagesText(outcome.result.pages), "\n", CountersText(outcome.stats));
  }
  nlohmann::ordered_json object = nlohmann::ordered_json::parse(MetricsJson(recording, metrics));
  object["counters"] = CountersJson(outcome.stats);
  AddPages(outcome.result.pages, object);
  AddCrossNode(tape, outcome, metrics, object);
  return Dump(object);
}

}  // namespace tally::cli
