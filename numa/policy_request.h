// From a memory request to a kernel's policy: the words of one in those of the other, and the
// nearest that an older kernel has. Part of memory_policy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/memory_policy.h"
#include "numa/topology.h"

namespace tally::internal {

// The whole pages in a stretch of memory.
struct Pages {
  Pages(const void* at, size_t bytes, size_t page_bytes) : page_bytes(page_bytes) {
    const auto first = reinterpret_cast<uintptr_t>(at);
    begin = (first + page_bytes - 1) & ~(page_bytes - 1);
    end = (first + bytes) & ~(page_bytes - 1);
  }
  bool empty() const { return begin >= end; }
  void* at() const { return reinterpret_cast<void*>(begin); }
  size_t bytes() const { return end - begin; }
  uintptr_t begin, end;
  size_t page_bytes;
};

NodeMask MaskOf(const Topology& topology, const std::vector<NodeId>& nodes);
MemoryMode ModeOf(KernelPolicy policy, const NodeMask& nodes);

// Of those asked for, the nodes that the cpuset keeps from this process; empty if it does not say.
std::vector<NodeId> Forbidden(const Topology& topology, const std::vector<NodeId>& nodes,
                              KernelMemory& kernel);

// Sets the policy, or the nearest that this kernel has. What was not done, in one clause.
std::string SetPolicy(const Topology& topology, const Pages& pages, const MemoryRequest& request,
                      KernelMemory& kernel);

// Why the kernel answered `error` to a request, in one clause.
std::string WhyRefused(const Topology& topology, const MemoryRequest& request, int error,
                       KernelMemory& kernel);

// "node 1, node 2 and node 3"
std::string ListText(const Topology& topology, const std::vector<NodeId>& nodes);
std::string ErrorText(int error);

}  // namespace tally::internal
