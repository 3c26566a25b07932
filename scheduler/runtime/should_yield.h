// ShouldYield: how a long task learns that it is in the way of a more urgent one.
#pragma once

#include "scheduler/runtime/worker.h"

namespace tally {

// Whether a task of a higher priority than the running one waits for a worker. A task is never
// interrupted; but a long one that asks every few microseconds can put the rest of its work into
// another task (Submit, Spawn) and return. Costs some ten loads. False on a thread that is no
// worker. May be wrong for a moment, either way: it is advice.
template <class W>
bool ShouldYield() {
  const Worker<W>* const worker = Worker<W>::Current();
  return worker != nullptr && worker->ShouldYield();
}

}  // namespace tally
