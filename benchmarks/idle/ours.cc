#include "benchmarks/harness/on_tally.h"
#include "benchmarks/idle/idle.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::idle {

Measured Ours(const Setting& setting) {
  const Memory before = Memory::Now();
  const absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = StartTally(setting);
  if (!scheduler.ok()) return scheduler.status();
  for (int64_t i = 0; i < kTasks; ++i) {
    const absl::Status submitted = (*scheduler)->Submit([] { Ran::Count(); });
    if (!submitted.ok()) return submitted;
  }
  Ran::WaitFor(kTasks);
  return CpuAndMemory(before, setting);
}

}  // namespace tally::benchmarks::idle
