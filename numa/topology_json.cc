#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "numa/effective_cpus.h"
#include "numa/ids.h"
#include "numa/kernel_grants.h"
#include "numa/render.h"

namespace tally {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order of the header's list

Json NodeDistances(const Topology& topology) {
  Json rows = Json::array();
  const int nodes = static_cast<int>(topology.nodes().size());
  for (int from = 0; from < nodes; ++from) {
    Json& row = rows.emplace_back(Json::array());
    for (int to = 0; to < nodes; ++to) {
      row.push_back(topology.NodeDistance(NodeId(from), NodeId(to)));
    }
  }
  return rows;
}

Json KnownOrNull(uint64_t value) { return value == 0 ? Json(nullptr) : Json(value); }

void AddNodes(const Topology& topology, Json& json) {
  Json numbers = Json::array(), memory = Json::array(), pus = Json::array(), kinds = Json::array(),
       bandwidths = Json::array(), latencies = Json::array();
  for (const Node& node : topology.nodes()) {
    numbers.push_back(node.os_index);
    memory.push_back(node.memory_bytes);
    kinds.push_back(node.memory);
    bandwidths.push_back(KnownOrNull(node.bandwidth_mib_s));
    latencies.push_back(KnownOrNull(node.latency_ns));
    Json& at_home = pus.emplace_back(Json::array());
    for (CpuId cpu : node.cpus) at_home.push_back(topology.pus()[cpu.index()].os_index);
  }
  json["node_os_indexes"] = std::move(numbers);
  json["memory_bytes"] = std::move(memory);
  json["memory_kinds"] = std::move(kinds);
  json["bandwidth_mib_s"] = std::move(bandwidths);
  json["latency_ns"] = std::move(latencies);
  json["node_pus"] = std::move(pus);
}

// Nodes of which some near PU is near another node as well.
int NodesSharingCpus(const Topology& topology) {
  std::vector<int> nodes_near(topology.pus().size(), 0);
  for (const Node& node : topology.nodes()) {
    for (CpuId cpu : node.near_cpus) ++nodes_near[cpu.index()];
  }
  return static_cast<int>(
      std::count_if(topology.nodes().begin(), topology.nodes().end(), [&](const Node& node) {
        return std::any_of(node.near_cpus.begin(), node.near_cpus.end(),
                           [&](CpuId cpu) { return nodes_near[cpu.index()] > 1; });
      }));
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

template <class Items, class Predicate>
auto Count(const Items& items, Predicate predicate) {
  return std::count_if(items.begin(), items.end(), predicate);
}

Json QuotaInCpus(const EffectiveCpus& effective) {
  if (!effective.quota.has_value()) return nullptr;
  return static_cast<double>(effective.quota->quota_us) /
         static_cast<double>(effective.quota->period_us);
}

Json PusOfClass(const Topology& topology, CoreClass wanted) {
  Json numbers = Json::array();
  for (const Pu& pu : topology.pus()) {
    if (pu.core_class == wanted) numbers.push_back(pu.os_index);
  }
  return numbers;
}

}  // namespace

std::string TopologyJson(const Topology& topology) {
  Json json;
  const auto& pus = topology.pus();
  const auto& nodes = topology.nodes();
  json["spec"] = topology.spec();
  json["file"] = BaseName(topology.spec());
  json["mode"] = topology.includes_disallowed() ? "disallowed" : "default";
  json["this_machine"] = topology.is_this_machine();
  json["packages"] = topology.packages();
  json["nodes"] = nodes.size();
  json["cores"] = topology.cores();
  json["pus"] = pus.size();
  json["l2_groups"] = topology.l2_groups();
  json["l3_groups"] = topology.l3_groups();
  json["allowed_nodes"] = Count(nodes, [](const Node& node) { return node.allowed; });
  json["allowed_pus"] = Count(pus, [](const Pu& pu) { return pu.allowed; });
  json["complete_pus"] = topology.pus_in_all();
  json["nodes_empty_cpuset"] = Count(nodes, [](const Node& n) { return n.near_cpus.empty(); });
  json["nodes_sharing_cpus"] = NodesSharingCpus(topology);
  json["nodes_zero_mem"] = Count(nodes, [](const Node& node) { return node.memory_bytes == 0; });
  json["pus_without_node"] = Count(pus, [](const Pu& pu) { return !pu.node.valid(); });
  json["cpukinds"] = topology.cpu_kinds();
  json["efficient_pus"] = PusOfClass(topology, CoreClass::kEfficient);
  json["low_power_pus"] = PusOfClass(topology, CoreClass::kLowPower);
  AddNodes(topology, json);
  const std::string& distances = topology.distances_in_short();
  json["distances"] = distances.empty() ? "-" : distances;
  json["has_distances"] = topology.has_distances();
  json["node_distances"] = NodeDistances(topology);
  const EffectiveCpus effective = ReadEffectiveCpus(topology);
  const WorkerCount count = DefaultWorkers(topology, effective, {});
  json["default_workers"] = count.workers;
  json["default_workers_why"] = count.why;
  json["cpu_quota"] = QuotaInCpus(effective);
  const KernelGrants grants = TryKernelGrants(topology);
  json["threads_granted"] = grants.tried ? Json(grants.threads) : Json(nullptr);
  json["memory_granted"] = grants.tried ? Json(grants.memory) : Json(nullptr);
  json["granted"] = grants.sentences;
  json["degraded"] = topology.degraded();
  // A file's name need not be UTF-8; JSON has to be.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tally
