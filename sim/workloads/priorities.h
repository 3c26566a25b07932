// priorities: a little that is urgent among much that is not, spawned in one go. Of 20 tasks one is
// Critical, three are High, twelve Normal and four Low.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/trace/event.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kPriorityMix{
    .name = "priorities",
    .help = "Critical, High, Normal and Low tasks of 10 us, mixed",
    .size_means = "tasks",
    .default_size = 2'000,
    .min_size = 1,
    .max_size = 1'000'000};

constexpr Priority PriorityOfTask(uint64_t i) {
  constexpr std::array<Priority, 20> kMix = {
      Priority::kNormal, Priority::kLow, Priority::kNormal, Priority::kHigh,   Priority::kNormal,
      Priority::kNormal, Priority::kLow, Priority::kNormal, Priority::kNormal, Priority::kHigh,
      Priority::kNormal, Priority::kLow, Priority::kNormal, Priority::kNormal, Priority::kHigh,
      Priority::kNormal, Priority::kLow, Priority::kNormal, Priority::kNormal, Priority::kCritical};
  return kMix[i % kMix.size()];
}

template <class W>
absl::StatusOr<WorkloadResult> RunPriorities(uint64_t tasks, BasicScheduler<W>& scheduler) {
  constexpr Nanos kTask = 10'000;
  WorkloadResult result;
  std::vector<uint64_t> done(tasks);
  BasicTaskGroup<W> group(scheduler);
  group.Spawn(
      [&] {
        BasicTaskGroup<W> mixed(scheduler);
        for (uint64_t i = 0; i < tasks; ++i) {
          const auto body = [&slot = done[i], i] {
            W::Work(kTask);
            slot += i + 1;
          };
          switch (const Priority priority = PriorityOfTask(i)) {
            case Priority::kCritical:
              mixed.Spawn(body, {.priority = priority, .name = "critical"});
              break;
            case Priority::kHigh:
              mixed.Spawn(body, {.priority = priority, .name = "high"});
              break;
            case Priority::kNormal:
              mixed.Spawn(body, {.priority = priority, .name = "normal"});
              break;
            case Priority::kLow:
              mixed.Spawn(body, {.priority = priority, .name = "low"});
              break;
          }
        }
        mixed.Wait();
      },
      {.name = "mix"});
  group.Wait();
  for (uint64_t value : done) result.answer += value;
  result.expected = tasks * (tasks + 1) / 2;
  return result;
}

}  // namespace tally::workloads
