// Statistics: written by one worker each, readable by anyone at any time, stopping nobody.
//
// Each number is a plain load and store of its worker, never an atomic addition, and each is
// recent; but a snapshot is not all of one moment.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/runtime/activity_clock.h"
#include "scheduler/runtime/latency_histogram.h"
#include "scheduler/runtime/touch_counters.h"
#include "scheduler/trace/event.h"

namespace tally {

inline constexpr int kProximities = static_cast<int>(Proximity::kRemote) + 1;

// Visits by how many tasks came of them: 1, 2 to 3, 4 to 7, 8 to 15, more.
inline constexpr int kBatchSizes = 5;
constexpr int BatchSizeOf(uint32_t tasks) {
  return std::min(static_cast<int>(std::bit_width(std::max(tasks, 1u))) - 1, kBatchSizes - 1);
}

struct WorkerStats {
  std::array<uint64_t, kPriorities> executed{};          // tasks, by priority; queued ones
  uint64_t executed_inline = 0;                          // Invoke children that nobody stole
  std::array<uint64_t, kProximities> steals{};           // tasks stolen, by how far the victim is
  std::array<uint64_t, kProximities> steals_empty{};     // looked at a victim in vain
  std::array<uint64_t, kProximities> steals_lost{};      // another thread was faster
  std::array<uint64_t, kBatchSizes> steal_batches{};     // successful visits to victims
  std::array<uint64_t, kBatchSizes> injector_batches{};  // successful visits to injectors
  uint64_t injector_takes = 0;                           // tasks
  uint64_t injector_lost = 0;                            // another worker was in the injector
  uint64_t overflows = 0;     // tasks that found their deque full: spilled, or run in place
  uint64_t parks = 0;         // slept for want of work
  uint64_t waits_parked = 0;  // slept inside a Wait
  uint64_t spurious_wakes = 0;
  uint64_t wakes = 0;           // others woken
  uint64_t blocking = 0;        // BlockingScopes entered, but for nested ones
  uint64_t blocking_alone = 0;  // of these, with nobody to stand in
  uint64_t skipped = 0;         // tasks of a stopped group, dropped before they began
  uint64_t aged = 0;            // tasks served before their turn, so that they do not starve
  uint64_t inversions = 0;      // turns to a lower level after a higher one was seen but not had
  // How long tasks lay in an injector (of many from outside, a sample), and stolen ones in a deque:
  // these at most, for their clock is when the victim began what it was running. No clock is read
  // for a task that its own worker pops.
  LatencyHistogram queue_wait;
  ActivityTimes time_ns{};    // by Activity
  Nanos wake_latency_ns = 0;  // what waking this worker costs, by its own measure; 0: not woken yet
  int64_t queued = 0;         // tasks in own deques now
  // Declared touches (SchedulerOptions::count_touches, or while recording), and the same by task
  // type: up to 16 types a worker, and what the others have touched as "other". The child of an
  // Invoke that nobody stole is a part of its parent.
  TouchesByHome touched;
  std::vector<TypeTouches> touched_by_type = {};

  // Of the tasks of this name; empty: none of them touched anything.
  TouchesByHome TouchedBy(const char* task_name) const;

  Nanos busy_ns() const { return time_ns[static_cast<int>(Activity::kBusy)]; }
  // Looking for work, asleep, or parked inside a Wait.
  Nanos idle_ns() const;

  // Sums, but the largest wake latency.
  WorkerStats& operator+=(const WorkerStats& other);
};

struct SchedulerStats {
  std::vector<WorkerStats> workers;  // by WorkerId
  WorkerStats spares;                // of all that stand in for blocked workers together
  uint64_t submitted_outside = 0;    // accepted from threads that are not workers
  int64_t queued_in_injectors = 0;
  uint32_t sleeping = 0;
  uint32_t searching = 0;

  WorkerStats Total() const;  // of workers and spares
};

// The writable side, on the worker's own lines.
template <class W>
struct WorkerCounters {
  using Counter = typename W::Counter;
  std::array<Counter, kPriorities> executed{};
  Counter executed_inline;
  std::array<Counter, kProximities> steals{};
  std::array<Counter, kProximities> steals_empty{};
  std::array<Counter, kProximities> steals_lost{};
  std::array<Counter, kBatchSizes> steal_batches{};
  std::array<Counter, kBatchSizes> injector_batches{};
  Counter injector_takes, injector_lost, overflows, parks, waits_parked, spurious_wakes, wakes;
  Counter blocking, blocking_alone, skipped, aged, inversions, wake_latency_ns;
  std::array<Counter, LatencyHistogram::kBuckets> queue_wait{};
  ActivityClock<W> activity;

  void SetWakeLatency(Nanos latency_ns) {  // modulo 2^64
    wake_latency_ns.Add(static_cast<uint64_t>(latency_ns) - wake_latency_ns.Read());
  }
  void CountWait(Nanos wait_ns) { queue_wait[LatencyHistogram::BucketOf(wait_ns)].Add(1); }

  WorkerStats Snapshot() const {
    WorkerStats stats;
    Read(executed, stats.executed);
    Read(steals, stats.steals);
    Read(steals_empty, stats.steals_empty);
    Read(steals_lost, stats.steals_lost);
    Read(steal_batches, stats.steal_batches);
    Read(injector_batches, stats.injector_batches);
    Read(queue_wait, stats.queue_wait.counts);
    stats.executed_inline = executed_inline.Read();
    stats.injector_takes = injector_takes.Read();
    stats.injector_lost = injector_lost.Read();
    stats.overflows = overflows.Read();
    stats.parks = parks.Read();
    stats.waits_parked = waits_parked.Read();
    stats.spurious_wakes = spurious_wakes.Read();
    stats.wakes = wakes.Read();
    stats.blocking = blocking.Read();
    stats.blocking_alone = blocking_alone.Read();
    stats.skipped = skipped.Read();
    stats.aged = aged.Read();
    stats.inversions = inversions.Read();
    stats.wake_latency_ns = static_cast<Nanos>(wake_latency_ns.Read());
    stats.time_ns = activity.Read();
    return stats;
  }

 private:
  template <size_t N>
  static void Read(const std::array<Counter, N>& from, std::array<uint64_t, N>& to) {
    for (size_t i = 0; i < N; ++i) to[i] = from[i].Read();
  }
};

}  // namespace tally
