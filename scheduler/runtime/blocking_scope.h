// BlockingScope: a task says that it is about to block.
#pragma once

#include "scheduler/runtime/worker.h"

namespace tally {

// Around whatever may block in the kernel for long: I/O, a lock that another thread holds, a wait
// for something that is no TaskGroup. While the scope lives a spare worker stands in, so that the
// scheduler keeps its number of running workers. (Waits for groups and loops need none: a waiter
// helps. A worker that waits for another scheduler's group, or shuts one down, is in such a scope
// by itself.)
//
// The task goes on at once when it leaves the scope; a spare ends the task that it is in, hands
// what it has queued to its node's injector, and rests. There are SchedulerOptions::spares of them;
// while all serve, a scope has no other effect than that those who wait know that its worker does
// not come to help. The first call of each starts a thread (some 50 us), later ones wake it (some 5
// us), so it is not worth it for what blocks shorter. Throws nothing. Scopes nest; on a thread that
// is no worker they do nothing.
template <class W>
class [[nodiscard]] BasicBlockingScope {
 public:
  BasicBlockingScope() : worker_(Worker<W>::Current()) {
    if (worker_ != nullptr) worker_->EnterBlocking();
  }
  ~BasicBlockingScope() {
    if (worker_ != nullptr) worker_->LeaveBlocking();
  }
  BasicBlockingScope(const BasicBlockingScope&) = delete;
  BasicBlockingScope& operator=(const BasicBlockingScope&) = delete;

 private:
  Worker<W>* const worker_;
};

}  // namespace tally
