// The layout of a slab pool's memory: chunks of 2 MiB, each of one node, cut into slabs of 64 KiB,
// each of cells of one size. A cell's address says which chunk and slab it is in.
//
// What a thread that frees writes is one word per slab; everything else of a slab belongs to
// whoever holds the lock of the slab's shelf.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tally {

// What lies in a free cell, and what a batch of cells is linked by.
struct Cell {
  Cell* next;
  // One that comes some places later, if whoever made the list knew: so that who walks it need not
  // wait for another CPU's cache line by line. Only to be fetched: it may be in use by now.
  Cell* ahead = nullptr;
};

class SlabPool;

namespace slab {

inline constexpr size_t kSlabBytes = size_t{64} << 10;
inline constexpr size_t kChunkBytes = size_t{2} << 20;
inline constexpr uint32_t kSlabsPerChunk = kChunkBytes / kSlabBytes - 1;  // the first is the header

// The free cells that have come back to a slab and nobody has collected yet, as one word.
class Returned {
 public:
  constexpr Returned() = default;
  constexpr explicit Returned(uint32_t word) : word_(word) {}
  static constexpr Returned Cells(uint32_t first_offset, uint32_t count) {
    return Returned(count << kOffsetBits | (first_offset / kUnit + 1));
  }
  // The slab has no cell left and is on nobody's list: the first who frees puts it back on its
  // shelf.
  static constexpr Returned Exhausted() { return Returned(kExhausted); }

  constexpr uint32_t word() const { return word_; }
  constexpr bool exhausted() const { return word_ == kExhausted; }
  constexpr bool has_cells() const { return count() != 0; }
  constexpr uint32_t count() const { return exhausted() ? 0 : word_ >> kOffsetBits; }
  // Bytes from the slab's begin; has_cells() is true.
  constexpr uint32_t first_offset() const {
    return ((word_ & ((1u << kOffsetBits) - 1)) - 1) * kUnit;
  }

 private:
  static constexpr uint32_t kUnit = 16;  // cells begin at multiples of it
  static constexpr uint32_t kOffsetBits = 16;
  static constexpr uint32_t kExhausted = ~uint32_t{0};
  static_assert(kSlabBytes / kUnit < (1u << (32 - kOffsetBits)) - 1);
  uint32_t word_ = 0;
};

struct Slab {
  // Written by whoever frees.
  alignas(64) std::atomic<uint32_t> returned{0};
  Slab* next_returned = nullptr;  // on the shelf's list of slabs that are exhausted no more

  // Under the lock of the shelf; the atomic ones are also read by statistics.
  alignas(64) Cell* free = nullptr;
  Slab* next = nullptr;                 // on the shelf, or among the node's empty slabs
  uint32_t cells = 0;                   // in all
  std::atomic<uint32_t> fresh{0};       // cells that were ever used; beyond, pages are untouched
  std::atomic<uint32_t> out{0};         // cells taken and not yet collected
  std::atomic<uint32_t> size_class{0};  // index into SlabPool::kCellBytes
};
static_assert(sizeof(Slab) == 128);

// At the begin of each chunk.
struct Chunk {
  SlabPool* pool = nullptr;
  uint32_t node = 0;   // index into the pool's nodes
  uint32_t slabs = 0;  // in use, or once were; under the node's lock
  Chunk* next = nullptr;
  alignas(128) std::array<Slab, kSlabsPerChunk> slab;
};
static_assert(sizeof(Chunk) == 4096, "the header is one page");

inline Chunk* ChunkOf(const void* cell) {
  return reinterpret_cast<Chunk*>(reinterpret_cast<uintptr_t>(cell) & ~(kChunkBytes - 1));
}
// `cell` is not in the header.
inline Slab* SlabOf(const void* cell) {
  const size_t index = (reinterpret_cast<uintptr_t>(cell) & (kChunkBytes - 1)) / kSlabBytes;
  return &ChunkOf(cell)->slab[index - 1];
}
inline std::byte* BeginOf(const Slab* slab) {
  Chunk* const chunk = ChunkOf(slab);
  return reinterpret_cast<std::byte*>(chunk) +
         static_cast<size_t>(slab - chunk->slab.data() + 1) * kSlabBytes;
}

}  // namespace slab
}  // namespace tally
