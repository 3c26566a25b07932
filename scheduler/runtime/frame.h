// What a worker is running, on its stack; and what a group or a fork descends from.
#pragma once

#include <array>
#include <cstdint>

#include "scheduler/concurrent/deque.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
struct Task;

using DequeIndexes = std::array<int64_t, kPriorities>;  // one index into each level's deque

// A group or a fork and its nearest ancestors, by serial number: that of the task that made it, and
// so on. 0: none. Thieves steal the oldest, so what they run is rarely further than this below a
// waiter.
inline constexpr int kLineage = 4;
using Lineage = std::array<uint64_t, kLineage>;

// The lineage of a group that is made by a task with this lineage.
constexpr Lineage Descend(const Lineage& parent, uint64_t serial) {
  Lineage child{serial};
  for (int i = 1; i < kLineage; ++i) child[i] = parent[i - 1];
  return child;
}

// Only for the worker itself; but `lineage` is read by who has stolen a fork of this frame. It is
// written before anything is forked, and published by the deque.
template <class W>
struct Frame {
  Deque<W, Task<W>>* deque = nullptr;  // for its forks: its worker's, of its priority
  TaskId id = 0;                       // 0 unless recording
  uint32_t name_hash = 0;              // 0 unless somebody counts touches
  uint64_t spawns = 0;                 // rank of the next spawn, for pedigrees
  uint64_t groups = 0;                 // rank of the next group
  Priority priority = Priority::kNormal;
  DequeIndexes began{};  // own deques when the task began: from there on is what it spawned
  Lineage lineage{};     // of the task's group or fork
};

}  // namespace tally
