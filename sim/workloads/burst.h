// burst: nothing to do for a while, then everything at once, from outside: what waking costs.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kBurst{
    .name = "burst",
    .help = "idle gaps, then bursts of tasks from outside the scheduler",
    .size_means = "tasks in each of 8 bursts, 3 ms apart",
    .default_size = 200,
    .min_size = 1,
    .max_size = 100'000};

template <class W>
absl::StatusOr<WorkloadResult> RunBurst(uint64_t tasks, BasicScheduler<W>& scheduler) {
  constexpr int kBursts = 8;
  constexpr Nanos kGap = 3'000'000;
  constexpr Nanos kTask = 5'000;
  WorkloadResult result;
  std::vector<uint64_t> done(tasks);
  typename W::Parker gap;
  for (int burst = 0; burst < kBursts; ++burst) {
    if (burst > 0) gap.ParkUntil(W::Now() + kGap);
    BasicTaskGroup<W> group(scheduler);
    for (uint64_t& slot : done) {
      group.Spawn(
          [&slot] {
            W::Work(kTask);
            ++slot;
          },
          {.name = "burst"});
    }
    group.Wait();
  }
  for (uint64_t value : done) result.answer += value;
  result.expected = kBursts * tasks;
  return result;
}

}  // namespace tally::workloads
