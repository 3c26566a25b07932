#include "numa/placement.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/check.h"
#include "numa/cpu_list.h"

namespace tally {
namespace {

struct PolicyName {
  PlacementPolicy policy;
  std::string_view name;
};

constexpr PolicyName kNames[] = {
    {PlacementPolicy::kCompact, "compact"},
    {PlacementPolicy::kScatter, "scatter"},
    {PlacementPolicy::kRoundRobinNodes, "round-robin"},
    {PlacementPolicy::kOnePerL3, "one-per-l3"},
    {PlacementPolicy::kCriticalOnPCores, "critical-on-p"},
};
constexpr std::string_view kListName = "list:";
constexpr size_t kMaxListed = 8192;

std::vector<int> UsableCpus(const Topology& topology) {
  std::vector<int> numbers;
  for (const Pu& pu : topology.pus()) {
    if (pu.allowed) numbers.push_back(pu.os_index);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// Neighbours as ranges, in the order given: {0, 1, 2, 7, 3} -> "0-2,7,3".
std::string FormatInOrder(const std::vector<int>& cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1) ++end;
    absl::StrAppend(&text, text.empty() ? "" : ",", cpus[i]);
    if (end - i > 1) absl::StrAppend(&text, "-", cpus[end - 1]);
    i = end;
  }
  return text;
}

}  // namespace

Placement Placement::List(std::vector<int> cpus) {
  Placement placement(PlacementPolicy::kList);
  placement.cpus = std::move(cpus);
  return placement;
}

absl::StatusOr<Placement> ParsePlacement(std::string_view text) {
  for (const PolicyName& entry : kNames) {
    if (entry.name == text) return Placement(entry.policy);
  }
  if (text.substr(0, kListName.size()) == kListName) {
    std::optional<std::vector<int>> cpus = ParseCpuList(text.substr(kListName.size()));
    if (cpus.has_value() && !cpus->empty() && cpus->size() <= kMaxListed) {
      return Placement::List(*std::move(cpus));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("\"", std::string(text), "\" lists no CPUs: type for example list:0,2,4-7"));
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no placement \"", std::string(text),
                                                 "\": type one of ", PlacementNames()));
}

std::string PlacementName(const Placement& placement) {
  for (const PolicyName& entry : kNames) {
    if (entry.policy == placement.policy) return std::string(entry.name);
  }
  TALLY_CHECK(placement.policy == PlacementPolicy::kList, "every policy has a name");
  return absl::StrCat(std::string(kListName), FormatInOrder(placement.cpus));
}

std::string PlacementNames() {
  std::string names;
  for (const PolicyName& entry : kNames) absl::StrAppend(&names, std::string(entry.name), ", ");
  return names + "list:0,2,4";
}

absl::Status CheckPlacement(const Topology& topology, const Placement& placement) {
  if (placement.policy != PlacementPolicy::kList) return absl::OkStatus();
  const std::vector<int> usable = UsableCpus(topology);
  const auto instead = [&] {
    return absl::StrCat("type list: with some of ", FormatCpuList(usable), ", or one of ",
                        PlacementNames());
  };
  if (placement.cpus.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the placement lists no CPU: ", instead()));
  }
  for (int cpu : placement.cpus) {
    if (std::binary_search(usable.begin(), usable.end(), cpu)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the placement lists CPU ", cpu,
                     ", which this machine lacks or this process may not use: ", instead()));
  }
  return absl::OkStatus();
}

}  // namespace tally
