// Memory with a binding that is looked after: asked for again by itself when this process's memory
// nodes change.
//
// Conflict: a changed cpuset moves pages and rewrites policies without a word, and gives nothing
// back when it grows again; yet whoever uses the memory must not pay for that, nor be asked to. So
// every binding that lives is on one list of the process's, which each scheduler's look at the
// machine goes over (machine_watch.h): a question to the kernel per look, and one per binding and
// page only where the answer has changed. Price: nobody looks without a scheduler, and a change
// there and back between two looks is not seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/memory_policy.h"
#include "numa/topology.h"

namespace tally {

// One binding on that list, while it lives. For one thread at a time; the list may be gone over
// meanwhile, and is waited for.
class BoundMemory {
 public:
  BoundMemory() = default;
  // Whole pages, bound as Bind() says. `topology`, `kernel` and the memory outlive this.
  BoundMemory(const Topology& topology, void* at, size_t bytes,
              KernelMemory& kernel = RealKernelMemory());
  ~BoundMemory() { Release(); }
  BoundMemory(BoundMemory&&) noexcept = default;
  BoundMemory& operator=(BoundMemory&& other) noexcept;

  // As BindMemory(), MigrateMemory() and CheckMemory(): what was asked for last, first touch in the
  // beginning, is what holds from now on.
  MemoryBinding Bind(MemoryRequest request);
  MemoryBinding Migrate(NodeId node);
  MemoryBinding Check();
  // Nobody looks after it any more; before the memory goes.
  void Release();

 private:
  friend class BoundMemoryList;
  struct Entry;
  std::shared_ptr<Entry> entry_;
};

// Goes over the list: memory that was bound under other memory nodes than those of now is checked,
// and where it is not as asked, bound again. What is refused is said in the log, once. From any
// thread; microseconds if nothing has changed, else as long as moving takes.
void RevalidateBoundMemory();

// What RevalidateBoundMemory() was refused and nobody has bound, migrated or given up since: a
// sentence; empty if nothing.
std::string DescribeLostMemory();

// How often RevalidateBoundMemory() has bound anything again. HomeCaches must Forget() what they
// learnt before it changed.
uint64_t TimesMemoryWasBoundAgain();

}  // namespace tally
