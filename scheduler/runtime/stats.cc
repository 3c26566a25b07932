#include "scheduler/runtime/stats.h"

#include <algorithm>
#include <cstddef>

namespace tally {
namespace {

template <class T, size_t N>
void Add(std::array<T, N>& to, const std::array<T, N>& from) {
  for (size_t i = 0; i < N; ++i) to[i] += from[i];
}

}  // namespace

Nanos WorkerStats::idle_ns() const {
  Nanos idle = 0;
  for (const Nanos each : time_ns) idle += each;
  return idle - busy_ns();
}

WorkerStats& WorkerStats::operator+=(const WorkerStats& other) {
  Add(executed, other.executed);
  Add(steals, other.steals);
  Add(steals_empty, other.steals_empty);
  Add(steals_lost, other.steals_lost);
  Add(steal_batches, other.steal_batches);
  Add(injector_batches, other.injector_batches);
  Add(time_ns, other.time_ns);
  queue_wait += other.queue_wait;
  executed_inline += other.executed_inline;
  injector_takes += other.injector_takes;
  injector_lost += other.injector_lost;
  overflows += other.overflows;
  parks += other.parks;
  waits_parked += other.waits_parked;
  spurious_wakes += other.spurious_wakes;
  wakes += other.wakes;
  blocking += other.blocking;
  blocking_alone += other.blocking_alone;
  skipped += other.skipped;
  aged += other.aged;
  inversions += other.inversions;
  wake_latency_ns = std::max(wake_latency_ns, other.wake_latency_ns);
  queued += other.queued;
  touched.resize(std::max(touched.size(), other.touched.size()));
  for (size_t home = 0; home < other.touched.size(); ++home) {
    touched[home].accesses += other.touched[home].accesses;
    touched[home].bytes += other.touched[home].bytes;
  }
  return *this;
}

WorkerStats SchedulerStats::Total() const {
  WorkerStats total = spares;
  for (const WorkerStats& worker : workers) total += worker;
  return total;
}

}  // namespace tally
