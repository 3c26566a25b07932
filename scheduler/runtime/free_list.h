// Tasks that a worker keeps for its next spawns, so that a steady state allocates nothing.
#pragma once

#include <cstdint>

#include "scheduler/runtime/task.h"

namespace tally {

// Only for its owner. Tasks wander between workers (freed where they ran), hence the bound.
template <class W>
class FreeList {
 public:
  FreeList() = default;
  FreeList(const FreeList&) = delete;
  FreeList& operator=(const FreeList&) = delete;
  ~FreeList() {
    while (first_ != nullptr) delete Pop();
  }

  Task<W>* Allocate() { return first_ != nullptr ? Pop() : new Task<W>; }

  void Free(Task<W>* task) {
    if (count_ == kMost) {
      delete task;
      return;
    }
    task->next.Write() = first_;
    first_ = task;
    ++count_;
  }

 private:
  static constexpr uint32_t kMost = 1024;

  Task<W>* Pop() {
    Task<W>* task = first_;
    first_ = task->next.Read();
    --count_;
    return task;
  }

  Task<W>* first_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace tally
