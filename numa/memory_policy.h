// Binding memory to nodes: asked, granted, why. Never fatal, and never believed: what was granted
// is what the kernel says afterwards (get_mempolicy, move_pages), not what a call returned.
//
// Conflict: who binds memory wants it there and nowhere else, but where a bound node is full the
// kernel does not fail: it kills the program. So the default prefers. A preferred page that came
// from elsewhere is counted and said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/page_homes.h"
#include "numa/topology.h"

namespace tally {

enum class MemoryMode : uint8_t {
  kPreferred,           // on these nodes while they have room, else elsewhere
  kBind,                // on these nodes or not at all: the kernel may kill the program
  kInterleave,          // page by page over these nodes
  kWeightedInterleave,  // as the kernel weighs the nodes' bandwidth (Linux 6.9)
  kFirstTouch           // on the node of the thread that touches a page first; no nodes
};
std::string_view MemoryModeName(MemoryMode mode);

struct MemoryRequest {
  MemoryMode mode = MemoryMode::kPreferred;
  std::vector<NodeId> nodes = {};  // of the topology; at least one, but none for kFirstTouch
};

struct MemoryBinding {
  MemoryRequest asked;
  // The policy that the kernel says the memory has; meaningless where it does not say.
  MemoryMode granted_mode = MemoryMode::kFirstTouch;
  std::vector<NodeId> granted_nodes = {};
  // Pages that are there: on nodes that were asked for, and elsewhere.
  uint64_t pages_right = 0, pages_wrong = 0;
  uint64_t pages_absent = 0, pages_unknown = 0;

  bool granted = false;  // as asked, as far as pages are there
  std::string why = {};  // empty when granted; else one clause
};

// Gives the whole pages in [at, at + bytes) a policy; moves those that are there already. Parts of
// pages at the ends are somebody else's too and stay as they are.
MemoryBinding BindMemory(const Topology& topology, void* at, size_t bytes, MemoryRequest request,
                         KernelMemory& kernel = RealKernelMemory());

// Asks the kernel again: after the pages have been touched, or when the cpuset may have changed
// (which moves pages, and rewrites policies).
MemoryBinding CheckMemory(const Topology& topology, const void* at, size_t bytes,
                          const MemoryRequest& asked, KernelMemory& kernel = RealKernelMemory());

// Moves the whole pages in [at, at + bytes) to `node`, and prefers it for those to come. HomeCaches
// must Forget() afterwards.
MemoryBinding MigrateMemory(const Topology& topology, void* at, size_t bytes, NodeId node,
                            KernelMemory& kernel = RealKernelMemory());

// "node 1"; with the kernel's own number where that differs: "node 1 (the kernel's 33)".
std::string NodeText(const Topology& topology, NodeId node);

}  // namespace tally
