// A stretch of memory of its own with a place on the machine: bound, preferred or interleaved.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "numa/bound_memory.h"
#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/memory_policy.h"
#include "numa/topology.h"

namespace tally {

// Zeroed memory, in whole pages. Where it is shared out page by page (interleaved, first touch) it
// has no huge pages: with them, 2 MiB would go to one node whatever was asked. Where this process's
// memory nodes change while a scheduler works, it is bound again by itself (bound_memory.h).
class NodeBuffer {
 public:
  // A policy that was not granted is no error: binding() says so, and the memory serves all the
  // same. ResourceExhausted when there is no memory; InvalidArgument for 0 bytes, for nodes that
  // the topology does not have, and for a request whose mode and nodes do not fit together.
  // `topology` and `kernel` outlive the buffer.
  static absl::StatusOr<NodeBuffer> Create(const Topology& topology, size_t bytes,
                                           MemoryRequest request,
                                           KernelMemory& kernel = RealKernelMemory());
  ~NodeBuffer() { Release(); }
  NodeBuffer(NodeBuffer&& other) noexcept { *this = std::move(other); }
  NodeBuffer& operator=(NodeBuffer&& other) noexcept;

  std::byte* data() const { return data_; }
  size_t size() const { return bytes_; }
  // As many as fit; T is of the kind that memory full of zeros already is.
  template <class T>
  std::span<T> As() const {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    return {reinterpret_cast<T*>(data_), bytes_ / sizeof(T)};
  }

  // Asked, granted, why: as of the last question to the kernel, which is Create(), Check() or
  // Migrate().
  const MemoryBinding& binding() const { return binding_; }
  // Asks again: once the pages have been touched, or when the cpuset may have changed. binding()
  // does not change by itself.
  const MemoryBinding& Check();
  // Asks for the policy again, moving the pages: once the cpuset allows more than it did, in
  // programs without a scheduler.
  const MemoryBinding& Rebind();
  // From now on, on `node` (of the topology). HomeCaches must Forget().
  const MemoryBinding& Migrate(NodeId node);

 private:
  NodeBuffer() = default;
  void Release();

  KernelMemory* kernel_ = nullptr;
  std::byte* data_ = nullptr;
  size_t bytes_ = 0, mapped_ = 0;
  BoundMemory bound_;
  MemoryBinding binding_;
};

}  // namespace tally
