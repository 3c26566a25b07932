#include "numa/slab_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally {

using slab::Chunk;
using slab::Returned;
using slab::Slab;

namespace {

constexpr uint32_t kNoClass = ~uint32_t{0};

uint32_t BytesOf(int size_class) { return SlabPool::kCellBytes[static_cast<size_t>(size_class)]; }

uint64_t RoundUp(uint64_t bytes, uint64_t unit) { return (bytes + unit - 1) / unit * unit; }

std::string ErrorText(int error) { return std::generic_category().message(error); }

// Of a slab's memory, what was ever used.
uint64_t TouchedBytes(const Slab& slab, size_t page_bytes) {
  const uint32_t size_class = slab.size_class.load(std::memory_order_relaxed);  // a statistic
  if (size_class == kNoClass) return 0;
  const uint64_t bytes =
      uint64_t{slab.fresh.load(std::memory_order_relaxed)} * BytesOf(static_cast<int>(size_class));
  return RoundUp(bytes, page_bytes);
}

}  // namespace

SlabPool::SlabPool(const Topology& topology, KernelMemory& kernel)
    : kernel_(kernel),
      count_(topology.nodes().size() + 1),
      nodes_(std::make_unique<Node[]>(count_)) {
  // With one node there is nothing to choose.
  if (!topology.is_this_machine() || topology.nodes().size() < 2) return;
  for (size_t n = 0; n + 1 < count_; ++n) nodes_[n].os_index = topology.nodes()[n].os_index;
}

SlabPool::~SlabPool() {
  for (size_t n = 0; n < count_; ++n) {
    for (Chunk* chunk = nodes_[n].chunks; chunk != nullptr;) {
      Chunk* const next = chunk->next;
      chunk->~Chunk();
      kernel_.Unmap(chunk, slab::kChunkBytes);
      chunk = next;
    }
  }
}

void* SlabPool::Allocate(NodeId node, size_t bytes, size_t alignment) {
  const int size_class = SizeClassOf(bytes, alignment);
  return size_class < 0 ? nullptr : Take(node, size_class, 1).first;
}

void SlabPool::Free(void* cell, NodeId by) {
  Cell* const first = new (cell) Cell{nullptr};
  Return({first, 1}, by);
}

void SlabPool::FreeInItsPool(void* cell, NodeId by) { slab::ChunkOf(cell)->pool->Free(cell, by); }

NodeId SlabPool::NodeOf(const void* cell) {
  const Chunk* chunk = slab::ChunkOf(cell);
  return chunk->node + 1 == chunk->pool->count_ ? NodeId()
                                                : NodeId(static_cast<int32_t>(chunk->node));
}

// --- taking ------------------------------------------------------------------------------------

CellChain SlabPool::Take(NodeId at, int size_class, uint32_t count) {
  TALLY_CHECK(size_class >= 0 && size_class < kSizeClasses, "SizeClassOf() has such a class");
  TALLY_CHECK(!at.valid() || at.index() + 1 < count_, "`at` is a node of the pool's topology");
  Node& node = At(at);
  Shelf& shelf = node.shelf[static_cast<size_t>(size_class)];
  CellChain cells;
  const std::lock_guard<std::mutex> lock(shelf.mutex);
  while (cells.count < count) {
    if (shelf.open == nullptr) AdoptReturned(shelf);
    if (shelf.open == nullptr) Refill(node, shelf, size_class);
    if (shelf.open == nullptr) break;
    if (!TakeFrom(*shelf.open, count, cells)) shelf.open = shelf.open->next;
  }
  shelf.taken += cells.count;
  return cells;
}

// Fills `cells` up to `want`. False: the slab has nothing left, and has left its shelf.
bool SlabPool::TakeFrom(Slab& slab, uint32_t want, CellChain& cells) {
  const uint32_t bytes = BytesOf(static_cast<int>(slab.size_class.load(std::memory_order_relaxed)));
  uint32_t fresh = slab.fresh.load(std::memory_order_relaxed);  // written under this lock only
  uint32_t out = slab.out.load(std::memory_order_relaxed);
  bool exhausted = false;
  while (cells.count < want && !exhausted) {
    Cell* cell = slab.free;
    // relaxed: a look. What has come back is warm, and a fresh cell may cost a page fault.
    const bool back_first =
        cell == nullptr && Returned(slab.returned.load(std::memory_order_relaxed)).has_cells();
    if (cell != nullptr) {
      slab.free = cell->next;
      if (cell->ahead != nullptr) {
        __builtin_prefetch(cell->ahead, 1);
        __builtin_prefetch(reinterpret_cast<const std::byte*>(cell->ahead) + 64, 1);
      }
    } else if (fresh < slab.cells && !back_first) {
      cell = new (slab::BeginOf(&slab) + size_t{fresh++} * bytes) Cell;
    } else {
      // acquire: pairs with the release in ReturnTo(): the cells' links, and whatever was done with
      // them before.
      const Returned back(slab.returned.exchange(0, std::memory_order_acquire));
      if (back.has_cells()) {
        slab.free = reinterpret_cast<Cell*>(slab::BeginOf(&slab) + back.first_offset());
        out -= back.count();
        continue;
      }
      uint32_t none = 0;
      // release: pairs with the acquire in ReturnTo(), whose thread then writes next_returned.
      exhausted = slab.returned.compare_exchange_strong(
          none, Returned::Exhausted().word(), std::memory_order_release, std::memory_order_relaxed);
      continue;
    }
    cell->next = cells.first;
    cells.first = cell;
    ++cells.count;
    ++out;
  }
  slab.fresh.store(fresh, std::memory_order_relaxed);
  slab.out.store(out, std::memory_order_relaxed);
  return !exhausted;
}

void SlabPool::Refill(Node& node, Shelf& shelf, int size_class) {
  Slab* const slab = EmptySlab(node);
  if (slab == nullptr) return;
  slab->free = nullptr;
  slab->cells = static_cast<uint32_t>(slab::kSlabBytes / BytesOf(size_class));
  // relaxed, all: nobody else knows a cell of this slab.
  slab->fresh.store(0, std::memory_order_relaxed);
  slab->out.store(0, std::memory_order_relaxed);
  slab->returned.store(0, std::memory_order_relaxed);
  slab->size_class.store(static_cast<uint32_t>(size_class), std::memory_order_relaxed);
  slab->next = shelf.open;
  shelf.open = slab;
}

Slab* SlabPool::EmptySlab(Node& node) {
  const std::lock_guard<std::mutex> lock(node.mutex);
  if (Slab* const slab = node.empty; slab != nullptr) {
    node.empty = slab->next;
    return slab;
  }
  if (node.chunks == nullptr || node.chunks->slabs == slab::kSlabsPerChunk) {
    if (!AddChunk(node)) return nullptr;
  }
  return &node.chunks->slab[node.chunks->slabs++];
}

// In whole pages; nullptr if there is no memory.
std::byte* SlabPool::MapAligned(size_t bytes, size_t alignment) {
  if (alignment <= kernel_.PageBytes()) return static_cast<std::byte*>(kernel_.Map(bytes));
  // More than asked for, so that an aligned piece is in it; the rest goes back.
  auto* const mapped = static_cast<std::byte*>(kernel_.Map(bytes + alignment));
  if (mapped == nullptr) return nullptr;
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(mapped) % alignment) % alignment;
  if (before != 0) kernel_.Unmap(mapped, before);
  if (before != alignment) kernel_.Unmap(mapped + before + bytes, alignment - before);
  return mapped + before;
}

bool SlabPool::AddChunk(Node& node) {
  std::byte* const mapped = MapAligned(slab::kChunkBytes, slab::kChunkBytes);
  if (mapped == nullptr) return false;
  BindChunk(node, reinterpret_cast<Chunk*>(mapped));
  Chunk* const chunk = node.chunks;
  chunk->pool = this;
  chunk->node = static_cast<uint32_t>(&node - nodes_.get());
  for (Slab& slab : chunk->slab) slab.size_class.store(kNoClass, std::memory_order_relaxed);
  return true;
}

void* SlabPool::MapLarge(NodeId node, size_t bytes, size_t alignment) {
  const uint64_t rounded = RoundUp(bytes, kernel_.PageBytes());
  if (rounded < bytes || rounded + alignment < rounded) return nullptr;  // the sum has wrapped
  std::byte* const at = MapAligned(rounded, alignment);
  if (at == nullptr) return nullptr;
  const int os_index = At(node).os_index;
  // Whether it is granted is seen on the node's slabs, which ask the same.
  if (os_index >= 0) {
    kernel_.SetPolicy(at, rounded, KernelPolicy::kPreferred, NodeMask(os_index), false);
  }
  large_bytes_.fetch_add(rounded, std::memory_order_relaxed);
  return at;
}

void SlabPool::UnmapLarge(void* at, size_t bytes) {
  const uint64_t rounded = RoundUp(bytes, kernel_.PageBytes());
  kernel_.Unmap(at, rounded);
  large_bytes_.fetch_sub(rounded, std::memory_order_relaxed);
}

// Preferred, not strict: where a bound node is full, the kernel kills the program.
void SlabPool::BindChunk(Node& node, Chunk* at) {
  // One cell must not cost 2 MiB of memory.
  kernel_.Advise(at, slab::kChunkBytes, MADV_NOHUGEPAGE);
  int error = 0;
  if (node.os_index >= 0) {
    error = kernel_.SetPolicy(at, slab::kChunkBytes, KernelPolicy::kPreferred,
                              NodeMask(node.os_index), false);
  }
  Chunk* const chunk = new (at) Chunk;  // touches its page
  chunk->next = node.chunks;
  node.chunks = chunk;
  if (node.os_index < 0) return;
  node.why.clear();
  if (error != 0) {
    node.why = absl::StrCat("the kernel refused to bind memory: ", ErrorText(error));
    return;
  }
  void* const page = chunk;
  int home = -ENOENT;
  error = kernel_.QueryPages({&page, 1}, &home);
  if (error == 0 && home == node.os_index) return;
  node.why = error != 0 || home < 0
                 ? absl::StrCat("the kernel does not say where pages are: ",
                                ErrorText(error != 0 ? error : -home))
                 : absl::StrCat("asked for node ", node.os_index,
                                " (the kernel's number), but the ", "pages came from node ", home);
}

// --- returning ---------------------------------------------------------------------------------

void SlabPool::Return(CellChain cells, NodeId by) {
  Cell* cell = cells.first;
  while (cell != nullptr) {
    // As many as are of one slab go back in one step.
    Slab* const slab = slab::SlabOf(cell);
    Cell* last = cell;
    uint32_t count = 1;
    for (; last->next != nullptr && slab::SlabOf(last->next) == slab; last = last->next) ++count;
    Cell* const rest = last->next;
    const Chunk* const chunk = slab::ChunkOf(cell);
    TALLY_CHECK(chunk->pool == this, "a cell returns to the pool that it was taken from");
    if (by.valid() && by.index() != chunk->node) {
      nodes_[chunk->node].remote_frees.fetch_add(count, std::memory_order_relaxed);  // a statistic
    }
    ReturnTo(*slab, cell, last, count);
    cell = rest;
  }
}

void SlabPool::ReturnTo(Slab& slab, Cell* first, Cell* last, uint32_t count) {
  std::byte* const begin = slab::BeginOf(&slab);
  const auto offset = static_cast<uint32_t>(reinterpret_cast<std::byte*>(first) - begin);
  uint32_t word = slab.returned.load(std::memory_order_relaxed);
  // Another thread may take all and give the same cells back in between; then the word is the same
  // and what we have linked to is right again.
  for (;;) {
    const Returned before(word);
    last->next =
        before.has_cells() ? reinterpret_cast<Cell*>(begin + before.first_offset()) : nullptr;
    const Returned after = Returned::Cells(offset, before.count() + count);
    // release: pairs with the acquire in TakeFrom(). acquire: pairs with the release with which it
    // exhausted the slab.
    if (slab.returned.compare_exchange_weak(word, after.word(), std::memory_order_acq_rel,
                                            std::memory_order_relaxed)) {
      break;
    }
  }
  if (!Returned(word).exhausted()) return;
  const Chunk* const chunk = slab::ChunkOf(&slab);
  const uint32_t size_class =
      slab.size_class.load(std::memory_order_relaxed);  // fixed: a cell is out
  std::atomic<Slab*>& list = nodes_[chunk->node].shelf[size_class].returned;
  slab.next_returned = list.load(std::memory_order_relaxed);
  // release: pairs with the acquire in AdoptReturned().
  while (!list.compare_exchange_weak(slab.next_returned, &slab, std::memory_order_release,
                                     std::memory_order_relaxed)) {
  }
}

void SlabPool::AdoptReturned(Shelf& shelf) {
  // acquire: pairs with the release in ReturnTo().
  Slab* slab = shelf.returned.exchange(nullptr, std::memory_order_acquire);
  while (slab != nullptr) {
    Slab* const next = slab->next_returned;
    slab->next = shelf.open;
    shelf.open = slab;
    slab = next;
  }
}

// --- handing back ------------------------------------------------------------------------------

uint64_t SlabPool::HandBack() {
  uint64_t bytes = 0;
  for (size_t n = 0; n < count_; ++n) {
    for (Shelf& shelf : nodes_[n].shelf) bytes += HandBack(nodes_[n], shelf);
  }
  return bytes;
}

uint64_t SlabPool::HandBack(Node& node, Shelf& shelf) {
  uint64_t bytes = 0;
  const std::lock_guard<std::mutex> lock(shelf.mutex);
  AdoptReturned(shelf);
  for (Slab** link = &shelf.open; *link != nullptr;) {
    Slab* const slab = *link;
    // acquire: as in TakeFrom(): what was done with the cells is over.
    const Returned back(slab->returned.load(std::memory_order_acquire));
    if (slab->out.load(std::memory_order_relaxed) != back.count()) {
      link = &slab->next;
      continue;
    }
    *link = slab->next;
    uint64_t given = TouchedBytes(*slab, kernel_.PageBytes());
    // Of a private mapping the pages go at once; the addresses and their policy stay.
    if (given != 0 && kernel_.Advise(slab::BeginOf(slab), given, MADV_DONTNEED) != 0) given = 0;
    bytes += given;
    slab->size_class.store(kNoClass, std::memory_order_relaxed);  // for statistics
    slab->out.store(0, std::memory_order_relaxed);
    slab->returned.store(0, std::memory_order_relaxed);  // nobody knows a cell of this slab
    const std::lock_guard<std::mutex> node_lock(node.mutex);
    slab->next = node.empty;
    node.empty = slab;
    node.handed_back += given;
  }
  return bytes;
}

// --- statistics --------------------------------------------------------------------------------

std::vector<SlabNodeStats> SlabPool::Stats() const {
  std::vector<SlabNodeStats> stats(count_);
  for (size_t n = 0; n < count_; ++n) {
    const Node& node = nodes_[n];
    SlabNodeStats& of_node = stats[n];
    for (const Shelf& shelf : node.shelf) {
      const std::lock_guard<std::mutex> lock(shelf.mutex);
      of_node.cells_taken += shelf.taken;
    }
    of_node.remote_frees = node.remote_frees.load(std::memory_order_relaxed);
    const std::lock_guard<std::mutex> lock(node.mutex);
    of_node.bytes_handed_back = node.handed_back;
    of_node.granted = node.why.empty();
    of_node.why = node.why;
    int64_t live = 0;
    for (const Chunk* chunk = node.chunks; chunk != nullptr; chunk = chunk->next) {
      of_node.bytes_reserved += slab::kChunkBytes;
      of_node.bytes_touched += RoundUp(sizeof(Chunk), kernel_.PageBytes());
      for (uint32_t s = 0; s < chunk->slabs; ++s) {
        // relaxed, all: statistics.
        const Slab& slab = chunk->slab[s];
        const bool used = slab.size_class.load(std::memory_order_relaxed) != kNoClass;
        ++(used ? of_node.slabs : of_node.slabs_empty);
        of_node.bytes_touched += TouchedBytes(slab, kernel_.PageBytes());
        live += slab.out.load(std::memory_order_relaxed);
        live -= Returned(slab.returned.load(std::memory_order_relaxed)).count();
      }
    }
    of_node.cells_live = static_cast<uint64_t>(std::max<int64_t>(live, 0));
  }
  return stats;
}

}  // namespace tally
