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

  QueuedTask<W>* Allocate() { return first_ != nullptr ? Pop() : new QueuedTask<W>; }

  void Free(QueuedTask<W>* task) {
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

  QueuedTask<W>* Pop() {
    QueuedTask<W>* task = first_;
    first_ = static_cast<QueuedTask<W>*>(task->next.Read());
    --count_;
    return task;
  }

  QueuedTask<W>* first_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace tally
