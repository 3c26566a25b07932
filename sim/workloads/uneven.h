// uneven: one task spawns everything, so one worker has all the work and the others must come for
// it; and no two tasks are equally long.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kUneven{
    .name = "uneven",
    .help = "one worker gets all the work, in tasks of 1 to 40 us",
    .size_means = "tasks",
    .default_size = 2'000,
    .min_size = 1,
    .max_size = 1'000'000};

template <class W>
absl::StatusOr<WorkloadResult> RunUneven(uint64_t tasks, BasicScheduler<W>& scheduler) {
  WorkloadResult result;
  std::vector<uint64_t> done(tasks);
  BasicTaskGroup<W> group(scheduler);
  group.Spawn(
      [&] {
        BasicTaskGroup<W> pieces(scheduler);
        for (uint64_t i = 0; i < tasks; ++i) {
          pieces.Spawn(
              [&slot = done[i], i] {
                W::Work(static_cast<Nanos>(1'000 + Mix64(i) % 39'000));
                slot += i + 1;
              },
              {.name = "piece"});
        }
        pieces.Wait();
      },
      {.name = "hoarder"});
  group.Wait();
  for (uint64_t value : done) result.answer += value;
  result.expected = tasks * (tasks + 1) / 2;
  return result;
}

}  // namespace tally::workloads
