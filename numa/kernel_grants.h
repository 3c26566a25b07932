// What this machine's kernel grants, tried out. hwloc's support bits, and the kernel's own return
// codes, claim more than a container's seccomp filter lets through.
#pragma once

#include <string>
#include <vector>

#include "numa/kernel_memory.h"
#include "numa/topology.h"

namespace tally {

struct KernelGrants {
  bool tried = false;    // false: not this machine's topology, there is nothing to try
  bool threads = false;  // every PU that may be used can be bound to
  bool memory = false;   // memory lands on every node that has some, and the kernel says so
  std::vector<std::string> sentences;
};

// Binds a thread of its own to each PU, and a page to each node, and asks the kernel where they
// are. About 20 us each; nothing stays behind.
KernelGrants TryKernelGrants(const Topology& topology, KernelMemory& kernel = RealKernelMemory());

// The sentences of it about memory that cannot be placed; none if all can, or there is one node.
std::vector<std::string> WhyMemoryCannotBePlaced(const Topology& topology,
                                                 KernelMemory& kernel = RealKernelMemory());

}  // namespace tally
