#include "numa/topology_builder.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/degradation.h"
#include "numa/distance_matrix.h"

namespace tally {
namespace {

absl::Status CheckNumbers(const MachineFacts& facts) {
  if (facts.pus.empty()) return absl::InvalidArgumentError("it describes no PU");
  std::set<int> seen;
  for (const MachineFacts::PuFacts& pu : facts.pus) {
    if (pu.os_index < 0) return absl::InvalidArgumentError("it has a PU without a number");
    if (!seen.insert(pu.os_index).second) {
      return absl::InvalidArgumentError(absl::StrCat("it has two PUs with number ", pu.os_index));
    }
  }
  seen.clear();
  for (const MachineFacts::NodeFacts& node : facts.nodes) {
    if (node.os_index < 0) return absl::InvalidArgumentError("it has a node without a number");
    if (!seen.insert(node.os_index).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("it has two nodes with number ", node.os_index));
    }
  }
  return absl::OkStatus();
}

// Group numbers as they come (with gaps) to dense ids, in the same order.
class DenseIds {
 public:
  void Note(int key) {
    if (key >= 0) dense_[key] = 0;
  }
  int Number() {
    int next = 0;
    for (auto& [key, id] : dense_) id = next++;
    return next;
  }
  int Of(int key) const { return key < 0 ? -1 : dense_.at(key); }

 private:
  std::map<int, int> dense_;
};

// The home of a PU, as an index into facts.nodes; -1 if none.
//
// "The node whose cpuset holds the PU" is not unique: hwloc hangs a memory-only node (HBM, NVM, a
// node whose CPUs are offline) on the CPUs it is nearest to, and may list it first. The kernel's
// own word decides where we can ask it. Otherwise: a node with CPUs of its own has exactly those as
// its cpuset, and a memory-only one has the union of one or more such nodes, so the smallest cpuset
// is the better guess; ordinary memory goes before special, and the kernel numbers nodes with
// CPUs first.
int HomeNode(const MachineFacts& facts, size_t pu,
             const std::vector<std::vector<int>>& candidates) {
  if (auto kernel = facts.kernel_home.find(facts.pus[pu].os_index);
      kernel != facts.kernel_home.end()) {
    for (size_t n = 0; n < facts.nodes.size(); ++n) {
      if (facts.nodes[n].os_index == kernel->second) return static_cast<int>(n);
    }
  }
  const auto rank = [&](int n) {
    const MachineFacts::NodeFacts& node = facts.nodes[n];
    return std::tuple(node.memory_bytes == 0, node.special, node.near_pus.size(), node.os_index);
  };
  const auto best = std::min_element(candidates[pu].begin(), candidates[pu].end(),
                                     [&](int a, int b) { return rank(a) < rank(b); });
  return best == candidates[pu].end() ? -1 : *best;
}

// For each PU of the facts, the index into facts.nodes of its home, or -1.
std::vector<int> HomeNodes(const MachineFacts& facts) {
  std::vector<std::vector<int>> candidates(facts.pus.size());
  for (size_t n = 0; n < facts.nodes.size(); ++n) {
    for (size_t pu : facts.nodes[n].near_pus) candidates[pu].push_back(static_cast<int>(n));
  }
  std::vector<int> homes(facts.pus.size());
  for (size_t pu = 0; pu < homes.size(); ++pu) homes[pu] = HomeNode(facts, pu, candidates);
  return homes;
}

}  // namespace

absl::StatusOr<Topology> TopologyBuilder::Build(const MachineFacts& facts,
                                                TopologyOptions options) {
  if (absl::Status status = CheckNumbers(facts); !status.ok()) return status;
  const auto kept = [&](const auto& object) {
    return object.allowed || options.include_disallowed;
  };

  DenseIds cores, l2s, l3s, packages;
  for (const MachineFacts::PuFacts& pu : facts.pus) {
    if (!kept(pu)) continue;
    cores.Note(pu.core);
    l2s.Note(pu.l2);
    l3s.Note(pu.l3);
    packages.Note(pu.package);
  }
  for (const MachineFacts::NodeFacts& node : facts.nodes) {
    if (kept(node)) packages.Note(node.package);
  }

  Topology topology;
  topology.spec_ = facts.spec;
  topology.is_this_machine_ = facts.is_this_machine;
  topology.cores_ = cores.Number();
  topology.l2s_ = l2s.Number();
  topology.l3s_ = l3s.Number();
  topology.packages_ = packages.Number();

  std::vector<int> node_id(facts.nodes.size(), -1);  // index into facts.nodes -> NodeId
  std::vector<size_t> kept_nodes;
  for (size_t n = 0; n < facts.nodes.size(); ++n) {
    const MachineFacts::NodeFacts& from = facts.nodes[n];
    if (!kept(from)) continue;
    node_id[n] = static_cast<int>(kept_nodes.size());
    kept_nodes.push_back(n);
    Node node;
    node.os_index = from.os_index;
    node.memory_bytes = from.memory_bytes;
    node.package = PackageId(packages.Of(from.package));
    node.allowed = from.allowed;
    topology.nodes_.push_back(std::move(node));
  }

  const std::vector<int> homes = HomeNodes(facts);
  for (size_t p = 0; p < facts.pus.size(); ++p) {
    const MachineFacts::PuFacts& from = facts.pus[p];
    if (!kept(from)) continue;
    const CpuId cpu(static_cast<int32_t>(topology.pus_.size()));
    Pu pu;
    pu.os_index = from.os_index;
    pu.core = CoreId(cores.Of(from.core));
    pu.l2 = L2Id(l2s.Of(from.l2));
    pu.l3 = L3Id(l3s.Of(from.l3));
    pu.package = PackageId(packages.Of(from.package));
    pu.node = NodeId(homes[p] < 0 ? -1 : node_id[homes[p]]);
    pu.allowed = from.allowed;
    topology.pus_.push_back(pu);
    if (pu.node.valid()) topology.nodes_[pu.node.index()].cpus.push_back(cpu);
  }
  if (topology.pus_.empty()) {
    return absl::InvalidArgumentError("none of its PUs may be used by this process");
  }

  DistanceMatrix matrix = CompleteDistances(facts.distances, facts.nodes.size(), kept_nodes);
  topology.distances_ = std::move(matrix.values);
  topology.has_distances_ = matrix.given;

  topology.degraded_ = facts.notes;
  for (std::string& note : DescribeDegradation(topology, facts)) {
    topology.degraded_.push_back(std::move(note));
  }
  for (std::string& note : matrix.notes) topology.degraded_.push_back(std::move(note));
  return topology;
}

}  // namespace tally
