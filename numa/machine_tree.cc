#include "numa/machine_tree.h"

#include <algorithm>
#include <cstdint>
#include <map>
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

// Whether some group on the `inner` level has PUs in several groups of the `outer` one.
bool Spans(const Topology& topology, const Level& inner, const Level& outer) {
  std::map<int, int> outer_of;
  return std::any_of(topology.pus().begin(), topology.pus().end(), [&](const Pu& pu) {
    if (inner.of(pu) < 0 || outer.of(pu) < 0) return false;
    return outer_of.emplace(inner.of(pu), outer.of(pu)).first->second != outer.of(pu);
  });
}

// Levels that the machine describes, outermost first.
std::vector<Level> Levels(const Topology& topology) {
  std::vector<Level> levels = {kPackage, kNode, kL3};
  if (Spans(topology, kNode, kPackage)) std::swap(levels[0], levels[1]);
  // An L3 for several nodes; where both cross each other, nodes matter more.
  if (Spans(topology, kL3, kNode) && !Spans(topology, kNode, kL3)) {
    levels.pop_back();
    levels.insert(std::find_if(levels.begin(), levels.end(), IsNode), kL3);
  }
  // An L2 per core says nothing that the core does not.
  if (topology.l2_groups() < topology.cores()) levels.push_back(kL2);
  return levels;
}

std::string NodeFacts(const Node& node, int id) {
  std::string facts;
  if (node.os_index != id) absl::StrAppend(&facts, " (the kernel's ", node.os_index, ")");
  absl::StrAppend(&facts, " · ",
                  node.memory_bytes == 0 ? "memory unknown" : BytesText(node.memory_bytes));
  if (!node.memory.empty()) absl::StrAppend(&facts, " ", node.memory);
  if (node.cache_bytes > 0) {
    absl::StrAppend(&facts, " behind ", BytesText(node.cache_bytes), " of cache");
  }
  if (!node.allowed) facts += " · not allowed";
  if (node.cpus.empty()) facts += " · memory only";
  if (node.latency_ns > 0) absl::StrAppend(&facts, " · ", node.latency_ns, " ns");
  if (node.bandwidth_mib_s > 0) {
    absl::StrAppendFormat(&facts, " · %.1f GiB/s",
                          static_cast<double>(node.bandwidth_mib_s) / 1024);
  }
  return facts;
}

MachineBox NodeBox(const Topology& topology, int id) {
  const Node& node = topology.nodes()[id];
  MachineBox box;
  box.kind = "Node";
  box.id = id;
  box.facts = NodeFacts(node, id);
  box.shape = absl::StrCat("Node ", node.memory_bytes, node.memory, " ", node.cache_bytes, " ",
                           node.latency_ns, " ", node.bandwidth_mib_s, node.allowed ? "" : "-");
  return box;
}

const char* MarkOf(CoreClass core_class) {
  switch (core_class) {
    case CoreClass::kPerformance:
      return "";
    case CoreClass::kEfficient:
      return "e";
    case CoreClass::kLowPower:
      return "l";
  }
  return "";
}

// One text per core: "[0 128]", "e[16]"; PUs that may not be used in parentheses.
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
      absl::StrAppend(&box.shape, "c", MarkOf(pu.core_class));
      cores.push_back({pu.core, absl::StrCat(MarkOf(pu.core_class), "[", number)});
    }
  }
  for (const auto& [core, numbers] : cores) box.cores.push_back(absl::StrCat(numbers, "]"));
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
    const uint64_t bytes = CacheBytes(level, id);
    if (bytes > 0) {
      box.facts = absl::StrCat(" · ", BytesText(bytes));
      absl::StrAppend(&box.shape, " ", bytes);
    }
    if (id < 0) box.kind = absl::StrCat("no ", IsNode(level) ? "node" : level.kind);
    return box;
  }

  uint64_t CacheBytes(const Level& level, int id) const {
    if (id < 0) return 0;
    if (level.of == kL3.of) return topology_.l3_bytes(L3Id(id));
    return level.of == kL2.of ? topology_.l2_bytes(L2Id(id)) : 0;
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

std::string BytesText(uint64_t bytes) {
  constexpr uint64_t kMiB = 1 << 20, kGiB = 1 << 30;
  const double value = static_cast<double>(bytes);
  if (bytes >= 100 * kGiB) return absl::StrFormat("%.0f GiB", value / kGiB);
  if (bytes >= kGiB) return absl::StrFormat("%.1f GiB", value / kGiB);
  if (bytes >= 10 * kMiB) return absl::StrFormat("%.0f MiB", value / kMiB);
  if (bytes >= kMiB) return absl::StrFormat("%.4g MiB", value / kMiB);
  return absl::StrFormat("%.0f KiB", value / 1024);
}

MachineBox MachineTree(const Topology& topology) { return TreeMaker(topology).Make(); }

}  // namespace tally
