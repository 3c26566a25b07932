// Where pages are, by the kernel's own word (move_pages without targets).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/topology.h"

namespace tally {

// Where the pages of a stretch of memory are. Nobody's guess: what the kernel does not say is
// unknown.
struct Residence {
  std::vector<uint64_t> on_node;  // pages, by NodeId
  uint64_t elsewhere = 0;         // pages on nodes that the topology does not have
  uint64_t absent = 0;            // not touched yet
  uint64_t unknown = 0;           // the kernel did not say
  std::string why;                // one clause if `unknown` is not 0

  uint64_t present() const;
  uint64_t pages() const { return present() + absent + unknown; }
};

// All pages that [at, at + bytes) lies on. 0.2 us a page. On a topology that is not this machine
// all are unknown.
Residence ResidenceOf(const Topology& topology, const void* at, size_t bytes,
                      KernelMemory& kernel = RealKernelMemory());

// HomeOf() that remembers.
//
// Conflict: asking the kernel costs most of a microsecond, but pages may move at any time (a
// changed cpuset, automatic balancing, our own Migrate). So a known home is believed until
// Forget(), which everybody who moves pages calls; what is not known is asked for each time.
class HomeCache {
 public:
  // Both outlive the cache.
  explicit HomeCache(const Topology& topology, KernelMemory& kernel = RealKernelMemory())
      : topology_(topology), kernel_(kernel) {}

  // The node that holds the page of `pointer`; -1 if unknown: an untouched page, no permission, or
  // a topology that is not this machine. From any thread.
  NodeId HomeOf(const void* pointer);
  // Pages may have moved.
  void Forget();

 private:
  static constexpr size_t kEntries = 1024;
  // A page, its node and the generation it was learnt in, in one word; 0 is none.
  static constexpr int kNodeBits = 10, kGenerationBits = 9;
  static constexpr uint64_t kGenerations = uint64_t{1} << kGenerationBits;

  const Topology& topology_;
  KernelMemory& kernel_;
  std::atomic<uint64_t> generation_{0};
  std::array<std::atomic<uint64_t>, kEntries> entries_{};
};

// HomeOf() of the whole process: nodes are numbered as in Topology::FromSpec("live"), which is read
// at the first call (milliseconds).
HomeCache& HomesOfThisMachine();
// Its Forget(), if anybody has ever asked.
void ForgetHomesOfThisMachine();

}  // namespace tally
