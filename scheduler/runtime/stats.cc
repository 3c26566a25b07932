#include "scheduler/runtime/stats.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tally {
namespace {

template <class T, size_t N>
void Add(std::array<T, N>& to, const std::array<T, N>& from) {
  for (size_t i = 0; i < N; ++i) to[i] += from[i];
}

void Add(TouchesByHome& to, const TouchesByHome& from) {
  to.resize(std::max(to.size(), from.size()));
  for (size_t home = 0; home < from.size(); ++home) {
    to[home].accesses += from[home].accesses;
    to[home].bytes += from[home].bytes;
  }
}

// Of a vector of TypeTouches, const or not.
template <class Types>
auto Find(Types& types, uint32_t name_hash) {
  return std::find_if(types.begin(), types.end(),
                      [name_hash](const TypeTouches& type) { return type.name_hash == name_hash; });
}

}  // namespace

TouchesByHome WorkerStats::TouchedBy(const char* task_name) const {
  const auto found = Find(touched_by_type, NameHash(task_name));
  return found == touched_by_type.end() ? TouchesByHome() : found->by_home;
}

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
  Add(touched, other.touched);
  for (const TypeTouches& type : other.touched_by_type) {
    const auto found = Find(touched_by_type, type.name_hash);
    if (found == touched_by_type.end()) {
      touched_by_type.push_back(type);
    } else {
      Add(found->by_home, type.by_home);
    }
  }
  return *this;
}

WorkerStats SchedulerStats::Total() const {
  WorkerStats total = spares;
  for (const WorkerStats& worker : workers) total += worker;
  return total;
}

}  // namespace tally
