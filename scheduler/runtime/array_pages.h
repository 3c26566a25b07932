// Where an array's pages are, in any world: the kernel's answer, or the imagined machine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "numa/bound_memory.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"
#include "numa/topology.h"
#include "scheduler/runtime/options.h"

namespace tally {

struct ArrayPages {
  uint64_t right = 0, wrong = 0;  // on the node that was meant, and elsewhere
  uint64_t absent = 0;            // nobody has touched them
  uint64_t unknown = 0;           // the kernel does not say
  bool granted = false;           // all that are there are where they were meant to be
  std::string why = {};           // one clause, if not
  std::string policy_why = {};    // why the kernel gave the pages no policy; empty: it did

  // From the counts, `granted` and `why`.
  void Conclude();
};

namespace internal {

// By NodeId. Workers without a node count for the first, as everywhere.
std::vector<uint32_t> WorkersByNode(const Topology& topology, const PlacementReport& placement);

// The real world's.
size_t RealPageBytes();
std::string PreferRealNode(const Topology& topology, void* at, size_t bytes, NodeId node,
                           BoundMemory& bound);
MemoryBinding MigrateRealPages(const Topology& topology, void* at, size_t bytes, NodeId node,
                               BoundMemory& bound);
void CountRealPages(const Topology& topology, const void* at, size_t bytes, NodeId meant,
                    ArrayPages& pages);

template <class W>
size_t PageBytes() {
  if constexpr (W::kSimulated) {
    return W::kPageBytes;
  } else {
    return RealPageBytes();
  }
}

// Memory that begins with a page is its owner's up to the end of the last one.
template <class W>
size_t WholePages(size_t bytes) {
  const size_t page = PageBytes<W>();
  return (bytes + page - 1) / page * page;
}

// Gives whole pages a policy, which `bound` keeps; why the kernel did not grant it.
template <class W>
std::string PreferNode(const Topology& topology, void* at, size_t bytes, NodeId node,
                       BoundMemory& bound) {
  if constexpr (W::kSimulated) {
    W::Prefer(at, bytes, node);
    return "";
  } else {
    return PreferRealNode(topology, at, WholePages<W>(bytes), node, bound);
  }
}

// `meant`: -1 for a worker without a node of its own, to whom all memory is another node's.
template <class W>
void CountPages(const Topology& topology, const void* at, size_t bytes, NodeId meant,
                ArrayPages& pages) {
  if constexpr (W::kSimulated) {
    const std::byte* const first = static_cast<const std::byte*>(at);
    for (size_t offset = 0; offset < bytes; offset += W::kPageBytes) {
      const NodeId home = W::HomeOf(first + offset);
      ++(!home.valid() ? pages.absent : home == meant ? pages.right : pages.wrong);
    }
  } else {
    CountRealPages(topology, at, bytes, meant, pages);
  }
}

}  // namespace internal
}  // namespace tally
