#include "numa/allocation_counters.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "numa/cpu_list.h"

namespace tally {

std::optional<uint64_t> PagesGivenAcrossNodes(const std::string& nodes) {
  std::string online;
  std::ifstream list(absl::StrCat(nodes, "/has_memory"));
  std::getline(list, online);
  const std::optional<std::vector<int>> numbers = ParseCpuList(online);
  if (!numbers || numbers->size() < 2) return std::nullopt;
  uint64_t sum = 0;
  for (const int node : *numbers) {
    std::ifstream statistics(absl::StrCat(nodes, "/node", node, "/numastat"));
    std::string name;
    uint64_t value = 0;
    bool found = false;
    while (statistics >> name >> value) {
      if (name != "other_node") continue;
      sum += value;
      found = true;
    }
    if (!found) return std::nullopt;
  }
  return sum;
}

}  // namespace tally
