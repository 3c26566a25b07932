#include "numa/machine_tree.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "numa/ids.h"

namespace tally {
namespace {

using Cpus = std::vector<CpuId>;

struct Level {
  const char* kind;
  int (*of)(const Pu&);
};

const Level kPackage = {"Package", [](const Pu& pu) { return pu.package.value(); }};
const Level kNode = {"Node", [](const Pu& pu) { return pu.node.value(); }};
const Level kL3 = {"L3", [](const Pu& pu) { return pu.l3.value(); }};
const Level kL2 = {"L2", [](const Pu& pu) { return pu.l2.value(); }};

bool IsNode(const Level& level) { return level.of == kNode.of; }

bool NodesSpanPackages(const Topology& topology) {
  return std::any_of(topology.nodes().begin(), topology.nodes().end(), [&](const Node& node) {
    std::set<PackageId> packages;
    for (CpuId cpu : node.cpus) packages.insert(topology.pus()[cpu.index()].package);
    return packages.size() > 1;
  });
}

// Levels that the machine describes, outermost first.
std::vector<Level> Levels(const Topology& topology) {
  std::vector<Level> levels = {kPackage, kNode};
  if (NodesSpanPackages(topology)) std::swap(levels[0], levels[1]);
  levels.push_back(kL3);
  // An L2 per core says nothing that the core does not.
  if (topology.l2_groups() < topology.cores()) levels.push_back(kL2);
  return levels;
}

std::string Memory(uint64_t bytes) {
  if (bytes == 0) return "memory unknown";
  constexpr double kGiB = 1 << 30;
  if (bytes >= uint64_t{100} << 30) return absl::StrFormat("%.0f GiB", bytes / kGiB);
  if (bytes >= uint64_t{1} << 30) return absl::StrFormat("%.1f GiB", bytes / kGiB);
  return absl::StrFormat("%.0f MiB", bytes / double{1 << 20});
}

std::string NodeFacts(const Node& node, int id) {
  std::string facts;
  if (node.os_index != id) absl::StrAppend(&facts, " (the kernel's ", node.os_index, ")");
  absl::StrAppend(&facts, " · ", Memory(node.memory_bytes));
  if (!node.allowed) facts += " · not allowed";
  if (node.cpus.empty()) facts += " · memory only";
  return facts;
}

MachineBox NodeBox(const Topology& topology, int id) {
  const Node& node = topology.nodes()[id];
  MachineBox box;
  box.kind = "Node";
  box.id = id;
  box.facts = NodeFacts(node, id);
  box.shape = absl::StrCat("Node ", node.memory_bytes, node.allowed ? "" : "-");
  return box;
}

// One text per core: "[0 128]"; PUs that may not be used in parentheses.
void AddCores(const Topology& topology, const Cpus& cpus, MachineBox& box) {
  std::vector<std::pair<CoreId, std::string>> cores;
  for (CpuId cpu : cpus) {
    const Pu& pu = topology.pus()[cpu.index()];
    const std::string number =
        pu.allowed ? absl::StrCat(pu.os_index) : absl::StrCat("(", pu.os_index, ")");
    absl::StrAppend(&box.shape, pu.allowed ? "p" : "-");
    if (!cores.empty() && pu.core.valid() && cores.back().first == pu.core) {
      absl::StrAppend(&cores.back().second, " ", number);
    } else {
      box.shape += "c";
      cores.push_back({pu.core, number});
    }
  }
  for (const auto& [core, numbers] : cores) box.cores.push_back(absl::StrCat("[", numbers, "]"));
}

class TreeMaker {
 public:
  explicit TreeMaker(const Topology& topology)
      : topology_(topology), levels_(Levels(topology)), drawn_(topology.nodes().size(), false) {}

  MachineBox Make() {
    Cpus all;
    for (size_t i = 0; i < topology_.pus().size(); ++i) {
      all.push_back(CpuId(static_cast<int32_t>(i)));
    }
    MachineBox machine;
    Fill(machine, all, 0);
    AddMemoryOnly(machine, PackageId());
    return machine;
  }

 private:
  // Splits `cpus` at the level and puts one box for each group into `box`.
  void Fill(MachineBox& box, const Cpus& cpus, size_t depth) {
    if (depth == levels_.size()) {
      AddCores(topology_, cpus, box);
      return;
    }
    const Level& level = levels_[depth];
    std::map<uint32_t, Cpus> groups;  // unsigned: -1, "none", comes last
    for (CpuId cpu : cpus) {
      groups[static_cast<uint32_t>(level.of(topology_.pus()[cpu.index()]))].push_back(cpu);
    }
    if (groups.size() == 1 && groups.begin()->first == UINT32_MAX && !IsNode(level)) {
      Fill(box, cpus, depth + 1);  // not described: no box
      return;
    }
    for (const auto& [key, members] : groups) {
      MachineBox group = NewBox(level, static_cast<int>(key));
      Fill(group, members, depth + 1);
      if (level.of == kPackage.of && group.id >= 0) AddMemoryOnly(group, PackageId(group.id));
      AddShapes(group);
      box.inside.push_back(std::move(group));
    }
  }

  MachineBox NewBox(const Level& level, int id) const {
    if (id >= 0 && IsNode(level)) return NodeBox(topology_, id);
    MachineBox box;
    box.kind = level.kind;
    box.id = id;
    box.shape = level.kind;
    if (id < 0) box.kind = absl::StrCat("no ", IsNode(level) ? "node" : level.kind);
    return box;
  }

  // Nodes that are nobody's home: beside the others of their package, or at the end.
  void AddMemoryOnly(MachineBox& box, PackageId package) {
    for (size_t n = 0; n < topology_.nodes().size(); ++n) {
      const Node& node = topology_.nodes()[n];
      if (!node.cpus.empty() || drawn_[n]) continue;
      if (package.valid() && node.package != package) continue;
      drawn_[n] = true;
      box.inside.push_back(NodeBox(topology_, static_cast<int>(n)));
    }
  }

  static void AddShapes(MachineBox& box) {
    box.shape += "{";
    for (const MachineBox& child : box.inside) box.shape += child.shape;
    box.shape += "}";
  }

  const Topology& topology_;
  const std::vector<Level> levels_;
  std::vector<bool> drawn_;  // memory-only nodes that have their box
};

}  // namespace

MachineBox MachineTree(const Topology& topology) { return TreeMaker(topology).Make(); }

}  // namespace tally
