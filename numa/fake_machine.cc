#include "numa/fake_machine.h"

#include <cstddef>

#include "numa/machine_facts.h"
#include "numa/topology_builder.h"

namespace tally {

Topology FakeMachine(const std::vector<int>& node_os_indexes) {
  MachineFacts facts;
  facts.is_this_machine = true;
  for (size_t n = 0; n < node_os_indexes.size(); ++n) {
    facts.pus.push_back({.os_index = static_cast<int>(n), .core = static_cast<int>(n)});
    facts.nodes.push_back(
        {.os_index = node_os_indexes[n], .memory_bytes = uint64_t{1} << 30, .near_pus = {n}});
  }
  return *TopologyBuilder::Build(facts, {});
}

}  // namespace tally
