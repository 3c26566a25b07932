// Small pieces of memory on a given node, from slabs, in steady state without malloc or a syscall.
//
// Conflict: tasks are made on one node and freed on another, all the time, but a piece that goes to
// the free list of whoever frees it takes its node's memory away for good. So a cell always returns
// to the slab that it came from: one compare-and-swap on a word of the slab, however many of its
// cells return. Taking is by a lock per node and size. Price: a lock and a remote line per call; so
// take and return in batches (Take, Return), and keep a few cells at hand per thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/kernel_memory.h"
#include "numa/slab.h"
#include "numa/topology.h"

namespace tally {

// A list of cells, linked by Cell::next, of any slabs.
struct CellChain {
  Cell* first = nullptr;
  uint32_t count = 0;
};

// Of one node. Exact when nobody takes or returns at the time.
struct SlabNodeStats {
  uint64_t slabs = 0;              // that hold cells of some size
  uint64_t slabs_empty = 0;        // kept for the next need of any size
  uint64_t cells_live = 0;         // taken and not returned
  uint64_t cells_taken = 0;        // ever
  uint64_t remote_frees = 0;       // returned by another node
  uint64_t bytes_reserved = 0;     // of addresses
  uint64_t bytes_touched = 0;      // of memory, at most: what was ever used and not handed back
  uint64_t bytes_handed_back = 0;  // ever
  bool granted = true;             // the kernel says that the memory is on this node
  std::string why;                 // one clause, if not
};

class SlabPool {
 public:
  // Bytes per cell. A cell is aligned to the largest power of two that divides its size, up to
  // 4096.
  static constexpr std::array<uint32_t, 19> kCellBytes = {16,   32,   48,   64,   96,   128,  192,
                                                          256,  320,  384,  512,  768,  1024, 1536,
                                                          2048, 3072, 4096, 8192, 16384};
  static constexpr int kSizeClasses = static_cast<int>(kCellBytes.size());
  static constexpr size_t kMostBytes = kCellBytes.back();
  // The smallest class for an object; -1 if it is too large or too strictly aligned for any.
  static constexpr int SizeClassOf(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    for (int c = 0; c < kSizeClasses; ++c) {
      const uint32_t cell = kCellBytes[static_cast<size_t>(c)];
      if (cell >= bytes && cell % alignment == 0 && alignment <= 4096) return c;
    }
    return -1;
  }

  // One set of slabs for each node of `topology`, preferred there (a full node gives memory of
  // others; the program goes on). On a topology that is not this machine nothing is bound.
  // `kernel` outlives the pool. Cells must not be used once the pool is gone.
  explicit SlabPool(const Topology& topology, KernelMemory& kernel = RealKernelMemory());
  ~SlabPool();
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  // `node`: -1 for memory from anywhere. nullptr: no more memory, or no class for that size.
  void* Allocate(NodeId node, size_t bytes, size_t alignment = alignof(std::max_align_t));
  // `by`: the node of the thread that frees, for the statistics; -1 if it does not know.
  void Free(void* cell, NodeId by = NodeId());

  // The same for a cell of whichever pool.
  static void FreeInItsPool(void* cell, NodeId by = NodeId());

  // Up to `count` cells; fewer, or none, if there is no more memory.
  CellChain Take(NodeId node, int size_class, uint32_t count);
  // Cells of this pool, whatever their size and node. Lock-free.
  void Return(CellChain cells, NodeId by = NodeId());

  // The node whose slab `cell` is in; -1 for memory from anywhere. No question to the kernel.
  static NodeId NodeOf(const void* cell);

  // A mapping of its own, preferred on `node`, for what is too large for a cell; nullptr if there
  // is no memory. `alignment` is a power of two.
  void* MapLarge(NodeId node, size_t bytes, size_t alignment);
  void UnmapLarge(void* at, size_t bytes);
  uint64_t LargeBytes() const { return large_bytes_.load(std::memory_order_relaxed); }

  // Gives the memory of all slabs that are empty now back to the kernel. Returns the bytes.
  uint64_t HandBack();

  // By NodeId, then one entry for memory from anywhere.
  std::vector<SlabNodeStats> Stats() const;

 private:
  // Slabs of one node and size.
  struct alignas(128) Shelf {
    mutable std::mutex mutex;
    slab::Slab* open = nullptr;  // may have cells; the first is taken from
    uint64_t taken = 0;
    // Slabs that were exhausted and to which a cell has come back. Pushed by who frees; emptied by
    // who holds the mutex.
    alignas(64) std::atomic<slab::Slab*> returned{nullptr};
  };
  struct alignas(128) Node {
    std::array<Shelf, kSizeClasses> shelf;
    int os_index = -1;  // -1: not bound
    std::atomic<uint64_t> remote_frees{0};
    mutable std::mutex mutex;  // after a shelf's
    slab::Chunk* chunks = nullptr;
    slab::Slab* empty = nullptr;
    uint64_t handed_back = 0;
    std::string why;
  };

  Node& At(NodeId node) { return nodes_[node.valid() ? node.index() : count_ - 1]; }
  bool TakeFrom(slab::Slab& slab, uint32_t want, CellChain& cells);
  void Refill(Node& node, Shelf& shelf, int size_class);
  slab::Slab* EmptySlab(Node& node);
  bool AddChunk(Node& node);
  std::byte* MapAligned(size_t bytes, size_t alignment);
  void BindChunk(Node& node, slab::Chunk* chunk);
  void ReturnTo(slab::Slab& slab, Cell* first, Cell* last, uint32_t count);
  static void AdoptReturned(Shelf& shelf);
  uint64_t HandBack(Node& node, Shelf& shelf);

  KernelMemory& kernel_;
  const size_t count_;  // nodes, and one more for anywhere
  const std::unique_ptr<Node[]> nodes_;
  std::atomic<uint64_t> large_bytes_{0};  // a statistic
};

}  // namespace tally
