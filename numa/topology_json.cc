#include <algorithm>
#include <utility>

#include "nlohmann/json.hpp"
#include "numa/ids.h"
#include "numa/render.h"

namespace tally {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order of the header's list

Json Distances(const Topology& topology) {
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

void AddNodes(const Topology& topology, Json& json) {
  Json numbers = Json::array(), memory = Json::array(), pus = Json::array();
  for (const Node& node : topology.nodes()) {
    numbers.push_back(node.os_index);
    memory.push_back(node.memory_bytes);
    Json& at_home = pus.emplace_back(Json::array());
    for (CpuId cpu : node.cpus) at_home.push_back(topology.pus()[cpu.index()].os_index);
  }
  json["node_os_indexes"] = std::move(numbers);
  json["memory_bytes"] = std::move(memory);
  json["node_pus"] = std::move(pus);
}

template <class Items, class Predicate>
auto Count(const Items& items, Predicate predicate) {
  return std::count_if(items.begin(), items.end(), predicate);
}

}  // namespace

std::string TopologyJson(const Topology& topology) {
  Json json;
  json["spec"] = topology.spec();
  json["this_machine"] = topology.is_this_machine();
  json["packages"] = topology.packages();
  json["nodes"] = topology.nodes().size();
  json["cores"] = topology.cores();
  json["pus"] = topology.pus().size();
  json["l2_groups"] = topology.l2_groups();
  json["l3_groups"] = topology.l3_groups();
  AddNodes(topology, json);
  json["allowed_nodes"] = Count(topology.nodes(), [](const Node& node) { return node.allowed; });
  json["allowed_pus"] = Count(topology.pus(), [](const Pu& pu) { return pu.allowed; });
  json["nodes_zero_mem"] =
      Count(topology.nodes(), [](const Node& node) { return node.memory_bytes == 0; });
  json["pus_without_node"] = Count(topology.pus(), [](const Pu& pu) { return !pu.node.valid(); });
  json["has_distances"] = topology.has_distances();
  json["distances"] = Distances(topology);
  json["degraded"] = topology.degraded();
  // A file's name need not be UTF-8; JSON has to be.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tally
