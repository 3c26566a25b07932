// Statistics: written by one worker each, readable by anyone at any time, stopping nobody.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "numa/topology.h"
#include "scheduler/trace/event.h"

namespace tally {

inline constexpr int kProximities = static_cast<int>(Proximity::kRemote) + 1;

struct WorkerStats {
  std::array<uint64_t, kPriorities> executed{};      // tasks, by priority; queued ones
  uint64_t executed_inline = 0;                      // Invoke children that nobody stole
  std::array<uint64_t, kProximities> steals{};       // tasks stolen, by how far away the victim is
  std::array<uint64_t, kProximities> steals_lost{};  // another thread was faster
  uint64_t steals_empty = 0;                         // looked at a victim in vain
  uint64_t injector_takes = 0;                       // tasks
  uint64_t overflows = 0;     // tasks that found their deque full: spilled, or run in place
  uint64_t parks = 0;         // slept for want of work
  uint64_t waits_parked = 0;  // slept inside a Wait
  uint64_t spurious_wakes = 0;
  uint64_t wakes = 0;  // others woken
  int64_t queued = 0;  // tasks in own deques now

  WorkerStats& operator+=(const WorkerStats& other);
};

struct SchedulerStats {
  std::vector<WorkerStats> workers;  // by WorkerId
  uint64_t submitted_outside = 0;    // accepted from threads that are not workers
  int64_t queued_in_injectors = 0;
  uint32_t sleeping = 0;
  uint32_t searching = 0;

  WorkerStats Total() const;
};

// The writable side, on the worker's own lines.
template <class W>
struct WorkerCounters {
  using Counter = typename W::Counter;
  std::array<Counter, kPriorities> executed{};
  Counter executed_inline;
  std::array<Counter, kProximities> steals{};
  std::array<Counter, kProximities> steals_lost{};
  Counter steals_empty, injector_takes, overflows, parks, waits_parked, spurious_wakes, wakes;

  WorkerStats Snapshot() const {
    WorkerStats stats;
    for (int i = 0; i < kPriorities; ++i) stats.executed[i] = executed[i].Read();
    for (int i = 0; i < kProximities; ++i) {
      stats.steals[i] = steals[i].Read();
      stats.steals_lost[i] = steals_lost[i].Read();
    }
    stats.executed_inline = executed_inline.Read();
    stats.steals_empty = steals_empty.Read();
    stats.injector_takes = injector_takes.Read();
    stats.overflows = overflows.Read();
    stats.parks = parks.Read();
    stats.waits_parked = waits_parked.Read();
    stats.spurious_wakes = spurious_wakes.Read();
    stats.wakes = wakes.Read();
    return stats;
  }
};

}  // namespace tally
