#include "numa/topology_builder.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/core_classes.h"
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

void TopologyBuilder::DenseIds::Note(int key) {
  if (key >= 0) dense_[key] = 0;
}

int TopologyBuilder::DenseIds::Number() {
  int next = 0;
  for (auto& [key, id] : dense_) id = next++;
  return next;
}

int TopologyBuilder::DenseIds::Of(int key) const { return key < 0 ? -1 : dense_.at(key); }

absl::StatusOr<Topology> TopologyBuilder::Build(const MachineFacts& facts,
                                                TopologyOptions options) {
  if (absl::Status status = CheckNumbers(facts); !status.ok()) return status;
  TopologyBuilder builder(facts, options);
  builder.NumberGroups();
  builder.AddNodes();
  builder.AddPus();
  if (builder.topology_.pus_.empty()) {
    return absl::InvalidArgumentError("none of its PUs may be used by this process");
  }
  builder.AddDistancesAndNotes();
  return std::move(builder.topology_);
}

void TopologyBuilder::NumberGroups() {
  for (const MachineFacts::PuFacts& pu : facts_.pus) {
    if (!Kept(pu)) continue;
    cores_.Note(pu.core);
    l2s_.Note(pu.l2);
    l3s_.Note(pu.l3);
    packages_.Note(pu.package);
  }
  for (const MachineFacts::NodeFacts& node : facts_.nodes) {
    if (Kept(node)) packages_.Note(node.package);
  }
  topology_.spec_ = facts_.spec;
  topology_.is_this_machine_ = facts_.is_this_machine;
  topology_.includes_disallowed_ = options_.include_disallowed;
  topology_.cores_ = cores_.Number();
  topology_.l2s_ = l2s_.Number();
  topology_.l3s_ = l3s_.Number();
  topology_.packages_ = packages_.Number();
  topology_.l2_bytes_.resize(topology_.l2s_);
  topology_.l3_bytes_.resize(topology_.l3s_);
  topology_.pus_in_all_ = std::max(facts_.pus_in_all, static_cast<int>(facts_.pus.size()));
  topology_.cpu_kinds_ = static_cast<int>(facts_.kinds.size());
}

void TopologyBuilder::AddNodes() {
  node_ids_.resize(facts_.nodes.size());
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    const MachineFacts::NodeFacts& from = facts_.nodes[n];
    if (!Kept(from)) continue;
    node_ids_[n] = NodeId(static_cast<int32_t>(kept_nodes_.size()));
    kept_nodes_.push_back(n);
    Node& node = topology_.nodes_.emplace_back();
    node.os_index = from.os_index;
    node.memory_bytes = from.memory_bytes;
    node.package = PackageId(packages_.Of(from.package));
    node.memory = from.memory;
    node.bandwidth_mib_s = from.bandwidth_mib_s;
    node.latency_ns = from.latency_ns;
    node.cache_bytes = from.cache_bytes;
    node.allowed = from.allowed;
  }
}

void TopologyBuilder::AddPus() {
  const std::vector<int> homes = HomeNodes(facts_);
  const std::vector<CoreClass> classes = ClassifyKinds(facts_);
  std::vector<CpuId> ids(facts_.pus.size());
  for (size_t p = 0; p < facts_.pus.size(); ++p) {
    const MachineFacts::PuFacts& from = facts_.pus[p];
    if (!Kept(from)) continue;
    ids[p] = CpuId(static_cast<int32_t>(topology_.pus_.size()));
    Pu& pu = topology_.pus_.emplace_back();
    pu.os_index = from.os_index;
    pu.core = CoreId(cores_.Of(from.core));
    pu.l2 = L2Id(l2s_.Of(from.l2));
    pu.l3 = L3Id(l3s_.Of(from.l3));
    pu.package = PackageId(packages_.Of(from.package));
    if (pu.l2.valid()) topology_.l2_bytes_[pu.l2.index()] = from.l2_bytes;
    if (pu.l3.valid()) topology_.l3_bytes_[pu.l3.index()] = from.l3_bytes;
    if (homes[p] >= 0) pu.node = node_ids_[homes[p]];
    if (from.kind >= 0) pu.core_class = classes[from.kind];
    pu.allowed = from.allowed;
    if (pu.node.valid()) topology_.nodes_[pu.node.index()].cpus.push_back(ids[p]);
  }
  for (size_t n = 0; n < kept_nodes_.size(); ++n) {
    for (size_t pu : facts_.nodes[kept_nodes_[n]].near_pus) {
      if (ids[pu].valid()) topology_.nodes_[n].near_cpus.push_back(ids[pu]);
    }
  }
}

void TopologyBuilder::AddDistancesAndNotes() {
  DistanceMatrix matrix = CompleteDistances(facts_.distances, facts_.nodes.size(), kept_nodes_);
  topology_.distances_ = std::move(matrix.values);
  topology_.has_distances_ = matrix.given;
  topology_.distances_in_short_ = facts_.distances_in_short;

  topology_.degraded_ = facts_.notes;
  for (std::string& note : DescribeDegradation(topology_, facts_)) {
    topology_.degraded_.push_back(std::move(note));
  }
  for (std::string& note : matrix.notes) topology_.degraded_.push_back(std::move(note));
}

}  // namespace tally
