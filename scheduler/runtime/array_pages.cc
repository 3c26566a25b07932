#include "scheduler/runtime/array_pages.h"

#include "absl/strings/str_cat.h"
#include "numa/kernel_memory.h"
#include "numa/memory_policy.h"
#include "numa/page_homes.h"
#include "numa/say_once.h"

namespace tally {

void ArrayPages::Conclude() {
  const uint64_t there = right + wrong;
  if (wrong != 0) {
    why = absl::StrCat(wrong, " of ", there, " pages are on other nodes",
                       policy_why.empty() ? "" : ": ", policy_why);
  } else if (unknown != 0 && why.empty()) {
    why = "the kernel does not say where pages are";
  }
  granted = why.empty();
}

namespace internal {

std::vector<uint32_t> WorkersByNode(const Topology& topology, const PlacementReport& placement) {
  std::vector<uint32_t> workers(topology.nodes().size());
  for (const Binding& binding : placement.workers) {
    const NodeId node = topology.pus()[binding.asked.index()].node;
    ++workers[node.valid() ? node.index() : 0];
  }
  return workers;
}

size_t RealPageBytes() { return RealKernelMemory().PageBytes(); }

std::string PreferRealNode(const Topology& topology, void* at, size_t bytes, NodeId node,
                           BoundMemory& bound) {
  if (topology.is_this_machine() && topology.nodes().size() == 1) SayOnce(kOneNode);
  bound = BoundMemory(topology, at, bytes);
  return bound.Bind({MemoryMode::kPreferred, {node}}).why;
}

MemoryBinding MigrateRealPages(const Topology& topology, void* at, size_t bytes, NodeId node,
                               BoundMemory& bound) {
  bound = BoundMemory(topology, at, bytes);
  return bound.Migrate(node);
}

void CountRealPages(const Topology& topology, const void* at, size_t bytes, NodeId meant,
                    ArrayPages& pages) {
  const Residence residence = ResidenceOf(topology, at, bytes);
  const uint64_t right = meant.valid() ? residence.on_node[meant.index()] : 0;
  pages.right += right;
  pages.wrong += residence.present() - right;
  pages.absent += residence.absent;
  pages.unknown += residence.unknown;
  if (!residence.why.empty()) pages.why = residence.why;
}

}  // namespace internal
}  // namespace tally
