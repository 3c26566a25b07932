// Where threads that are no workers come in: cells for their tasks, and the account of what was
// accepted from them.
//
// Conflict: outside threads come and go, so they own nothing in a scheduler; but if all of them
// shared one account and one list of cells, they would fight over its cache line. Idea: a few
// doors, of which each thread prefers one. A door is held for a handful of instructions; whoever
// finds it held takes the next. Price: one uncontended atomic exchange per task.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "numa/ids.h"
#include "numa/slab_pool.h"
#include "scheduler/runtime/free_list.h"
#include "scheduler/runtime/task.h"

namespace tally {

template <class W>
class Entrance {
 public:
  Entrance(SlabPool& pool, uint32_t workers)
      : doors_{Door(pool), Door(pool), Door(pool), Door(pool),
               Door(pool), Door(pool), Door(pool), Door(pool)} {
    if constexpr (W::kSimulated) return;
    // Each worker keeps some of the first tasks' cells, see FreeList::Warm().
    constexpr uint32_t kBatch = FreeList<W>::kBatch;
    FreeList<W>::WarmPool(pool, NodeId(), kBatch * (1 + std::min(workers, kDoors)));
  }
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  // A task was accepted. The light fence of the caller's next step orders this: see SpawnOutside().
  // Returns a cell for it, and a number that goes round (for spreading things).
  struct Accepted {
    QueuedTask<W>* cell;
    uint64_t rank;
    bool runs_low = false;  // TopUp() is due, once the task is where others find it
  };
  // Throws std::bad_alloc, and then has counted nothing.
  Accepted Accept() {
    const Held held(*this);
    Accepted accepted{held.door.cells.Allocate(), held.door.accepted.load(relaxed),
                      held.door.cells.RunsLow()};
    // release: pairs with the acquire in Count().
    held.door.accepted.store(accepted.rank + 1, std::memory_order_release);
    return accepted;
  }
  // The same for `tasks` > 0 of them in one visit: a chain of cells, linked by `next`.
  Accepted AcceptBatch(uint64_t tasks) {
    const Held held(*this);
    Accepted accepted{nullptr, held.door.accepted.load(relaxed)};
    try {
      for (uint64_t i = 0; i < tasks; ++i) {
        QueuedTask<W>* const cell = held.door.cells.Allocate();
        cell->next.Write() = std::exchange(accepted.cell, cell);
      }
    } catch (...) {
      FreeChain(held.door, accepted.cell);
      throw;
    }
    // release: pairs with the acquire in Count().
    held.door.accepted.store(accepted.rank + tasks, std::memory_order_release);
    return accepted;
  }
  // ... but nothing came of it, or of them.
  void TakeBack(QueuedTask<W>* cell) {
    const Held held(*this);
    held.door.cells.Free(cell);
    // release: pairs with Count(). It may be another door than the one that accepted.
    held.door.taken_back.store(held.door.taken_back.load(relaxed) + 1, std::memory_order_release);
  }
  void TakeBackBatch(QueuedTask<W>* cells, uint64_t tasks) {
    const Held held(*this);
    FreeChain(held.door, cells);
    // release: as TakeBack().
    held.door.taken_back.store(held.door.taken_back.load(relaxed) + tasks,
                               std::memory_order_release);
  }
  void Free(QueuedTask<W>* cell) {
    const Held held(*this);
    held.door.cells.Free(cell);
  }

  // Cells for the next tasks: not in Accept(), for there a task waits. At some other door than
  // Accept()'s it does no harm.
  [[gnu::noinline]] void TopUp() {
    const Held held(*this);
    held.door.cells.TopUp();
  }

  // What was accepted and not taken back; too much rather than too little, for what is taken back
  // is counted first, and on its own: an account that went up at one door and down at another could
  // be seen to go down only. acquire, all: pair with Accept() and TakeBack().
  uint64_t Count() const {
    uint64_t count = 0;
    for (const Door& door : doors_) count -= door.taken_back.load(std::memory_order_acquire);
    for (const Door& door : doors_) count += door.accepted.load(std::memory_order_acquire);
    return count;
  }
  // The same, for statistics.
  uint64_t PeekCount() const {
    uint64_t count = 0;
    for (const Door& door : doors_) count += door.accepted.Peek() - door.taken_back.Peek();
    return count;
  }

 private:
  static constexpr uint32_t kDoors = 8;
  // Of an account that only its holder writes, and of a look at who holds.
  static constexpr std::memory_order relaxed = std::memory_order_relaxed;

  struct alignas(W::kLineBytes) Door {
    explicit Door(SlabPool& pool) : cells(pool, NodeId()) {}
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<uint32_t> held{line, 0};
    typename W::template Atomic<uint64_t> accepted{line, 0};
    typename W::template Atomic<uint64_t> taken_back{line, 0};  // neither of the two goes down
    FreeList<W> cells;
  };

  // Some door, held. Holders run no code of the user's, so one is free soon.
  struct Held {
    explicit Held(Entrance& entrance) : door(entrance.Take()) {}
    // release: pairs with Take().
    ~Held() { door.held.store(0, std::memory_order_release); }
    Door& door;
  };

  Door& Take() {
    for (uint32_t preferred = W::ThreadNumber();; ++preferred) {
      Door& door = doors_[preferred % kDoors];
      if (door.held.load(relaxed) != 0) {
        if (preferred % kDoors == 0) W::SpinPause();
        continue;
      }
      // acquire: pairs with the release in ~Held().
      if (door.held.exchange(1, std::memory_order_acquire) == 0) return door;
    }
  }

  static void FreeChain(Door& door, QueuedTask<W>* cell) {
    while (cell != nullptr) {
      QueuedTask<W>* const next = static_cast<QueuedTask<W>*>(cell->next.Read());
      door.cells.Free(cell);
      cell = next;
    }
  }

  std::array<Door, kDoors> doors_;
};

}  // namespace tally
