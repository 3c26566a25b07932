#include "sim/metrics/cross_node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/trace/recording_header.h"
#include "sim/metrics/touched_json.h"

namespace tally {
namespace {

using Json = nlohmann::ordered_json;

std::string WhyNotDeclared(const Metrics& metrics) {
  if (metrics.cross_node) return "";
  if (metrics.touches_unknown.accesses == 0) return "no task declared what it touches";
  return "the kernel does not say where the memory is that tasks declared";
}

void TakeDeclared(const Metrics& metrics, CrossNode& cross) {
  cross.accesses = metrics.cross_node->accesses;
  cross.bytes = metrics.cross_node->bytes;
  uint64_t local = 0;
  for (size_t node = 0; node < metrics.nodes; ++node) {
    local += metrics.touches[node * metrics.nodes + node].accesses;
  }
  cross.local_accesses = local;
}

Json OrNull(const std::optional<uint64_t>& number) { return number ? Json(*number) : Json(); }

Json PerWorker(const CrossNode& cross, const AccessFacts& facts, const Metrics& metrics,
               const RecordingHeader& header) {
  if (cross.rung != AccessRung::kHardware && cross.rung != AccessRung::kDeclared) return nullptr;
  // A header that was made before the run also has the spares that then never served.
  const bool declared = cross.rung == AccessRung::kDeclared;
  const size_t counted = declared ? metrics.workers.size() : facts.hardware.threads.size();
  Json workers = Json::array();
  for (size_t w = 0; w < std::min(counted, header.workers.size()); ++w) {
    Json worker = {
        {"worker", w}, {"node", header.workers[w].node.value()}, {"spare", header.IsSpare(w)}};
    if (declared) {
      worker.update(TouchedJson(metrics.workers[w].touched));
    } else {
      const AccessCount& count = facts.hardware.threads[w];
      worker["local_accesses"] = OrNull(count.local);
      worker["cross_node_accesses"] = count.remote;
      worker["cross_node_bytes"] = count.remote * AccessCounters::kLineBytes;
    }
    workers.push_back(std::move(worker));
  }
  return workers;
}

// Only tasks know whose memory they meant.
Json PerNodePair(const Metrics& metrics) {
  if (!metrics.cross_node) return nullptr;
  Json pairs = Json::array();
  const auto add = [&pairs](Json from, size_t home, const Metrics::Touches& touches) {
    if (touches.accesses == 0) return;
    pairs.push_back({{"worker_node", std::move(from)},
                     {"memory_node", home},
                     {"accesses", touches.accesses},
                     {"bytes", touches.bytes}});
  };
  for (size_t from = 0; from < metrics.nodes; ++from) {
    for (size_t home = 0; home < metrics.nodes; ++home) {
      add(from, home, metrics.touches[from * metrics.nodes + home]);
    }
  }
  for (size_t home = 0; home < metrics.touches_without_node.size(); ++home) {
    add(nullptr, home, metrics.touches_without_node[home]);
  }
  return pairs;
}

Json PerTaskType(const Metrics& metrics) {
  if (!metrics.cross_node || metrics.touched_by_task.empty()) return nullptr;
  return TouchedByTaskTypeJson(metrics);
}

Json WhyNot(const std::string& why) { return why.empty() ? Json() : Json(why); }

}  // namespace

const char* AccessRungName(AccessRung rung) {
  switch (rung) {
    case AccessRung::kHardware:
      return "hardware";
    case AccessRung::kDeclared:
      return "declared";
    case AccessRung::kAllocations:
      return "allocations";
    case AccessRung::kUnknown:
      return "unknown";
  }
  return "unknown";
}

CrossNode CountCrossNode(const AccessFacts& facts, const Metrics& metrics,
                         const RecordingHeader& header) {
  CrossNode cross;
  cross.why_not_hardware = facts.hardware.why_not;
  cross.why_not_declared = WhyNotDeclared(metrics);
  if (!facts.pages_given_across_nodes) {
    cross.why_not_allocations = "one node, or the kernel keeps no numastat";
  }
  if (facts.hardware.counted()) {
    cross.rung = AccessRung::kHardware;
    cross.source = absl::StrCat("hardware counters, cache lines: ", facts.hardware.source);
    cross.accesses = facts.hardware.total.remote;
    cross.bytes = facts.hardware.total.remote * AccessCounters::kLineBytes;
    cross.local_accesses = facts.hardware.total.local;
  } else if (cross.why_not_declared.empty()) {
    cross.rung = AccessRung::kDeclared;
    cross.source = header.cross_node_source;
    TakeDeclared(metrics, cross);
  } else if (facts.pages_given_across_nodes) {
    cross.rung = AccessRung::kAllocations;
    // How large a page was, numastat does not say.
    cross.source = "allocation counters of the whole machine: pages given across nodes (numastat)";
    cross.accesses = *facts.pages_given_across_nodes;
  } else {
    cross.source = absl::StrCat("unknown: ", cross.why_not_hardware, "; ", cross.why_not_declared,
                                "; ", cross.why_not_allocations);
  }
  return cross;
}

Json CrossNodeJson(const CrossNode& cross, const AccessFacts& facts, const Metrics& metrics,
                   const RecordingHeader& header) {
  const bool counted = facts.hardware.counted();
  return {
      {"rung", AccessRungName(cross.rung)},
      {"source", cross.source},
      {"accesses", OrNull(cross.accesses)},
      {"bytes", OrNull(cross.bytes)},
      {"local_accesses", OrNull(cross.local_accesses)},
      {"why_not_hardware", WhyNot(cross.why_not_hardware)},
      {"why_not_declared", WhyNot(cross.why_not_declared)},
      {"why_not_allocations", WhyNot(cross.why_not_allocations)},
      {"time_enabled_ns", counted ? Json(facts.hardware.enabled_ns) : Json()},
      {"time_running_ns", counted ? Json(facts.hardware.running_ns) : Json()},
      {"per_worker", PerWorker(cross, facts, metrics, header)},
      {"per_node_pair", PerNodePair(metrics)},
      {"per_task_type", PerTaskType(metrics)},
  };
}

}  // namespace tally
