#include "numa/degradation.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tally {
namespace {

// "2", "2 and 3", "2, 3 and 4 more".
std::string List(const std::vector<int>& numbers) {
  constexpr size_t kListed = 8;
  const size_t listed = std::min(numbers.size(), kListed);
  std::string text;
  for (size_t i = 0; i < listed; ++i) {
    const bool last = i + 1 == numbers.size();
    absl::StrAppend(&text, i == 0 ? "" : last ? " and " : ", ", numbers[i]);
  }
  if (listed < numbers.size()) absl::StrAppend(&text, " and ", numbers.size() - listed, " more");
  return text;
}

// "Node 3", "Nodes 2 and 3 (the kernel's 33 and 34)": where the kernel numbers them differently,
// people need both.
std::string NodesWhere(const Topology& topology, const std::function<bool(const Node&)>& holds) {
  std::vector<int> ids, numbers;
  for (size_t i = 0; i < topology.nodes().size(); ++i) {
    if (!holds(topology.nodes()[i])) continue;
    ids.push_back(static_cast<int>(i));
    numbers.push_back(topology.nodes()[i].os_index);
  }
  if (ids.empty()) return "";
  return absl::StrCat(ids.size() == 1 ? "Node " : "Nodes ", List(ids),
                      ids == numbers ? "" : absl::StrCat(" (the kernel's ", List(numbers), ")"));
}

size_t PusWhere(const Topology& topology, const std::function<bool(const Pu&)>& holds) {
  return std::count_if(topology.pus().begin(), topology.pus().end(), holds);
}

// Who keeps PUs from this process.
std::string WhyKept(const MachineFacts& facts) {
  std::vector<std::string> reasons;
  const auto add = [&reasons](int count, const char* what) {
    if (count > 0) reasons.push_back(absl::StrCat(count, count == 1 ? " is " : " are ", what));
  };
  add(facts.pus_offline, "offline");
  add(facts.pus_outside_cpuset, "outside of this process's cpuset (a cgroup's)");
  add(facts.pus_outside_mask, "outside of its affinity mask (taskset?)");
  if (!reasons.empty()) return absl::StrJoin(reasons, ", ");
  return facts.is_this_machine
             ? "the others are offline, or kept from this process by a cgroup or its affinity mask"
             : "the others were offline, or kept by a cgroup from who described this machine";
}

void AddMachine(const Topology& topology, const MachineFacts& facts,
                std::vector<std::string>& notes) {
  if (!topology.is_this_machine()) {
    notes.push_back("Not this machine: threads and memory are not bound.");
  }
  const size_t usable = PusWhere(topology, [](const Pu& pu) { return pu.allowed; });
  const size_t all = std::max<size_t>(facts.pus.size(), facts.pus_in_all);
  if (usable < all) {
    notes.push_back(absl::StrCat(usable, " of ", all, " PUs may be used: ", WhyKept(facts), "."));
  }
}

void AddNodes(const Topology& topology, std::vector<std::string>& notes) {
  const size_t homeless = PusWhere(topology, [](const Pu& pu) { return !pu.node.valid(); });
  if (homeless > 0) {
    notes.push_back(absl::StrCat(homeless, " of ", topology.pus().size(),
                                 " PUs have no NUMA node of their own: their memory comes from "
                                 "wherever the kernel finds it."));
  }
  if (topology.nodes().size() == 1) notes.push_back(kOneNode);
  if (std::string nodes = NodesWhere(topology, [](const Node& n) { return n.cpus.empty(); });
      !nodes.empty()) {
    notes.push_back(absl::StrCat(nodes, ": memory but no CPUs to use, so no worker sits there."));
  }
  if (std::string nodes = NodesWhere(topology, [](const Node& n) { return n.memory_bytes == 0; });
      !nodes.empty()) {
    notes.push_back(absl::StrCat(nodes, ": memory size unknown or zero."));
  }
  if (std::string nodes = NodesWhere(topology, [](const Node& n) { return !n.allowed; });
      !nodes.empty()) {
    notes.push_back(absl::StrCat(nodes, ": this process may not use that memory."));
  }
}

void AddGroups(const Topology& topology, std::vector<std::string>& notes) {
  if (topology.cores() == 0) {
    notes.push_back("No cores described: every PU counts as a core of its own.");
  }
  if (topology.l3_groups() == 0) {
    notes.push_back("No L3 caches described: neighbours are known by node only.");
  }
}

}  // namespace

std::vector<std::string> DescribeDegradation(const Topology& topology, const MachineFacts& facts) {
  std::vector<std::string> notes;
  AddMachine(topology, facts, notes);
  AddNodes(topology, notes);
  AddGroups(topology, notes);
  return notes;
}

}  // namespace tally
