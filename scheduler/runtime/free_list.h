// Cells for tasks that somebody keeps for the next spawns, so that a steady state allocates
// nothing.
//
// Tasks wander: they are made by one worker or outside thread and freed by another. So what a list
// has too much of goes back to the slab pool, batch by batch, and from there to whoever runs short.
#pragma once

#include <cstdint>
#include <new>

#include "numa/ids.h"
#include "numa/slab_pool.h"
#include "scheduler/runtime/task.h"

namespace tally {

// For one thread at a time.
template <class W>
class FreeList {
 public:
  // Cells lie on `node`; -1: anywhere.
  FreeList(SlabPool& pool, NodeId node) : pool_(pool), node_(node) {}
  FreeList(const FreeList&) = delete;
  FreeList& operator=(const FreeList&) = delete;
  ~FreeList() { GiveBack(count_); }

  // So that the first spawns find memory that was touched before, and what others' tasks leave here
  // soon goes back to them: a page fault takes longer than many a task. No memory: later, then.
  void Warm() { Keep(pool_.Take(node_, kSizeClass, kMost - kBatch)); }

  // The same for all lists of a node: `count` cells of the pool that were touched before.
  static void WarmPool(SlabPool& pool, NodeId node, uint32_t count) {
    pool.Return(pool.Take(node, kSizeClass, count), node);
  }

  // Throws std::bad_alloc, as `new` would.
  QueuedTask<W>* Allocate() {
    if (first_ == nullptr) [[unlikely]]
      Refill();
    QueuedTask<W>* const task = first_;
    first_ = static_cast<QueuedTask<W>*>(task->next.Read());
    __builtin_prefetch(first_, 1);  // another CPU may have it: the next spawn's, meanwhile
    --count_;
    return task;
  }

  // Whether the next spawns are about to wait for cells of the pool, which come from other CPUs.
  bool RunsLow() const { return count_ < kLow; }
  // ... so that they need not. No memory: later, then.
  void TopUp() {
    if (RunsLow()) Keep(pool_.Take(node_, kSizeClass, kBatch));
  }

  void Free(QueuedTask<W>* task) {
    if (count_ == kMost) [[unlikely]]
      GiveBack(kBatch);
    task->next.Write() = first_;
    first_ = task;
    ++count_;
  }

  static constexpr uint32_t kBatch = 64;  // to and from the pool

 private:
  static constexpr uint32_t kMost = 256;
  static constexpr uint32_t kLow = 8;
  static constexpr uint32_t kAhead = 8;  // cache lines on their way from another CPU
  static constexpr int kSizeClass =
      SlabPool::SizeClassOf(sizeof(QueuedTask<W>), alignof(QueuedTask<W>));
  static_assert(kSizeClass >= 0);
  static_assert(W::kSimulated || sizeof(QueuedTask<W>) == 128, "two cache lines");

  [[gnu::noinline]] void Refill() {
    const CellChain cells = pool_.Take(node_, kSizeClass, kBatch);
    if (cells.count == 0) throw std::bad_alloc();
    Keep(cells);
  }

  void Keep(CellChain cells) {
    while (cells.first != nullptr) {
      void* const at = cells.first;
      cells.first = cells.first->next;
      Free(new (at) QueuedTask<W>);
    }
  }

  [[gnu::noinline]] void GiveBack(uint32_t count) {
    CellChain cells;
    Cell* last[kAhead] = {};
    for (; cells.count < count; ++cells.count) {
      QueuedTask<W>* const task = Allocate();
      task->~QueuedTask<W>();
      Cell*& ahead = last[cells.count % kAhead];
      cells.first = ahead = new (task) Cell{.next = cells.first, .ahead = ahead};
    }
    if (cells.count > 0) pool_.Return(cells, node_);
  }

  SlabPool& pool_;
  const NodeId node_;
  QueuedTask<W>* first_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace tally
