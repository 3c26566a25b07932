#include "sim/metrics/metrics_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/digest.h"
#include "sim/metrics/touched_json.h"

namespace tally {
namespace {

using Json = nlohmann::ordered_json;

Json PriorityCounts(const Metrics& metrics) {
  static constexpr const char* kNames[kPriorities] = {"critical", "high", "normal", "low"};
  Json json;
  for (size_t level = 0; level < kPriorities; ++level) {
    json[kNames[level]] = metrics.tasks_by_priority[level];
  }
  return json;
}

Json Steals(const Metrics& metrics) {
  Json json = {{"total", metrics.steals}};
  for (size_t tier = 0; tier < kStealTiers; ++tier) {
    json[StealTierName(static_cast<StealTier>(tier))] = metrics.steals_by_tier[tier];
  }
  json["failed"] = metrics.steal_fails;
  return json;
}

Json PerWorker(const Recording& recording, const Metrics& metrics) {
  Json json = Json::array();
  for (size_t i = 0; i < metrics.workers.size(); ++i) {
    const Metrics::Worker& worker = metrics.workers[i];
    Json row = {{"worker", i},
                {"node", recording.header.workers[i].node.value()},
                {"spare", recording.header.IsSpare(i)},
                {"executed", worker.executed},
                {"steals", worker.steals},
                {"stolen", worker.stolen},
                {"failed_steals", worker.steal_fails},
                {"parks", worker.parks},
                {"depth_max", worker.depth_max},
                {"busy_ns", worker.busy_ns},
                {"search_ns", worker.search_ns},
                {"parked_ns", worker.parked_ns}};
    row.update(TouchedJson(worker.touched));
    json.push_back(std::move(row));
  }
  return json;
}

// Rows: nodes of workers; columns: homes.
Json NodeMatrix(const Metrics& metrics, uint64_t Metrics::Touches::*what) {
  Json rows = Json::array();
  for (size_t from = 0; from < metrics.nodes; ++from) {
    Json row = Json::array();
    for (size_t home = 0; home < metrics.nodes; ++home) {
      row.push_back(metrics.touches[from * metrics.nodes + home].*what);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Json StealMatrix(const Metrics& metrics) {
  Json cells = Json::array();
  for (const Metrics::StealCell& cell : metrics.steal_matrix) {
    cells.push_back({{"thief", cell.thief}, {"victim", cell.victim}, {"steals", cell.steals}});
  }
  return cells;
}

Json Loss(const RecordingLoss& loss) {
  return {{"sealed", loss.sealed},
          {"bytes_skipped", loss.bytes_skipped},
          {"chunks_missing", loss.chunks_missing},
          {"timeline_dropped", loss.timeline_dropped},
          {"in_words", loss.InWords()}};
}

}  // namespace

std::string DurationText(uint64_t nanos) {
  struct Unit {
    double nanos;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
  for (const Unit& unit : kUnits) {
    if (static_cast<double>(nanos) >= unit.nanos) {
      return absl::StrFormat("%.3g %s", static_cast<double>(nanos) / unit.nanos, unit.name);
    }
  }
  return absl::StrCat(nanos, " ns");
}

std::string WorkersText(const Recording& recording) {
  const size_t workers = recording.header.regular_workers();
  size_t spares = 0;
  for (size_t lane = workers; lane < recording.header.workers.size(); ++lane) {
    if (!recording.lanes[lane].empty()) ++spares;
  }
  std::string text = absl::StrCat(workers, workers == 1 ? " worker" : " workers");
  if (spares != 0) absl::StrAppend(&text, " and ", spares, spares == 1 ? " spare" : " spares");
  return text;
}

std::string MetricsJson(const Recording& recording, const Metrics& metrics) {
  const RecordingHeader& header = recording.header;
  const bool known = metrics.cross_node.has_value();
  Json json = {
      {"world", header.world},
      {"workload", header.workload},
      {"size", header.size},
      {"workers", header.regular_workers()},
      {"spares", header.spares},
      {"topology", header.topology},
      {"topology_summary", header.topology_summary},
      {"placement", header.placement},
      {"policy", header.policy},
      {"seed", header.seed},
      {"tasks", metrics.tasks},
      {"tasks_by_priority", PriorityCounts(metrics)},
      {"spawned", metrics.spawned},
      {"dropped", metrics.dropped},
      {"events", metrics.events},
      {"makespan_ns", metrics.makespan_ns},
      {"work_ns", metrics.work_ns},
      {"span_ns", metrics.span_ns},
      {"busy_share", metrics.busy_share()},
      {"spares_busy_ns", metrics.spares_busy_ns()},
      {"steals", Steals(metrics)},
      {"cross_node_accesses", known ? Json(metrics.cross_node->accesses) : Json()},
      {"cross_node_bytes", known ? Json(metrics.cross_node->bytes) : Json()},
      {"cross_node_source", header.cross_node_source},
      {"touches_of_unknown_home", metrics.touches_unknown.accesses},
      {"bytes_of_unknown_home", metrics.touches_unknown.bytes},
      {"parks", metrics.parks},
      {"wakes", metrics.wakes},
      {"injector_takes", metrics.injector_takes},
      {"reclaims", metrics.reclaims},
      {"depth_max", metrics.depth_max},
      {"injector_depth_max", metrics.injector_depth_max},
      {"fingerprint", FingerprintText(metrics.fingerprint)},
      {"loss", Loss(recording.loss)},
      {"per_worker", PerWorker(recording, metrics)},
      {"per_task_type", TouchedByTaskTypeJson(metrics)},
      {"steal_matrix", StealMatrix(metrics)},
      {"node_accesses", NodeMatrix(metrics, &Metrics::Touches::accesses)},
      {"node_bytes", NodeMatrix(metrics, &Metrics::Touches::bytes)},
  };
  // The header's texts need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tally
