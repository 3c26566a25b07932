// KeepHot: workers that find nothing go on looking instead of sleeping, as long as the scope lives.
#pragma once

#include <atomic>

#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/crew.h"

namespace tally {

// For a phase whose pauses between bursts of work are shorter than a worker takes to wake: a
// control loop, a frame, a benchmark. A task submitted in it starts within a microsecond or so. The
// price is the whole CPU time of every worker, busy or not, so no more workers than CPUs, and no
// longer than needed. Workers inside a Wait park as usual. Scopes nest, on any threads; must not
// outlive the scheduler. Ends by itself once the scheduler shuts down.
template <class W>
class BasicKeepHot {
 public:
  explicit BasicKeepHot(BasicScheduler<W>& scheduler) : crew_(scheduler.crew_) {
    // seq_cst: the nudged workers, and those about to sleep, see it behind their token or fence.
    crew_.hot.fetch_add(1, std::memory_order_seq_cst);
    W::HeavyFence();
    crew_.NudgeAll();
  }
  ~BasicKeepHot() {
    // relaxed: searchers may see it late.
    crew_.hot.fetch_sub(1, std::memory_order_relaxed);
  }
  BasicKeepHot(const BasicKeepHot&) = delete;
  BasicKeepHot& operator=(const BasicKeepHot&) = delete;

 private:
  Crew<W>& crew_;
};

}  // namespace tally
