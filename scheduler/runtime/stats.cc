#include "scheduler/runtime/stats.h"

namespace tally {

WorkerStats& WorkerStats::operator+=(const WorkerStats& other) {
  for (int i = 0; i < kPriorities; ++i) executed[i] += other.executed[i];
  for (int i = 0; i < kProximities; ++i) {
    steals[i] += other.steals[i];
    steals_lost[i] += other.steals_lost[i];
  }
  executed_inline += other.executed_inline;
  steals_empty += other.steals_empty;
  injector_takes += other.injector_takes;
  overflows += other.overflows;
  parks += other.parks;
  waits_parked += other.waits_parked;
  spurious_wakes += other.spurious_wakes;
  wakes += other.wakes;
  queued += other.queued;
  return *this;
}

WorkerStats SchedulerStats::Total() const {
  WorkerStats total;
  for (const WorkerStats& worker : workers) total += worker;
  return total;
}

}  // namespace tally
