// skynet: a tree of tasks, ten to a parent, that adds up the numbers of its leaves
// (github.com/atemerev/skynet's benchmark). Regular and wide: creating tasks is all there is.
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kSkynet{
    .name = "skynet",
    .help = "a tree of tasks with ten children each that adds up its leaves",
    .size_means = "levels below the root: 10^size leaves",
    .default_size = 4,
    .min_size = 1,
    .max_size = 7};

template <class W>
void SkynetNode(BasicScheduler<W>& scheduler, uint64_t first, uint64_t leaves, uint64_t& sum) {
  W::Charge(3);  // measured: adding up, without tasks, takes 2.5 to 3 ns per node
  if (leaves == 1) {
    sum = first;
    return;
  }
  std::array<uint64_t, 10> sums{};
  BasicTaskGroup<W> group(scheduler);
  for (uint64_t child = 0; child < 10; ++child) {
    group.Spawn([&scheduler, start = first + child * (leaves / 10), leaves,
                 &below = sums[child]] { SkynetNode<W>(scheduler, start, leaves / 10, below); },
                {.name = "branch"});
  }
  group.Wait();
  for (uint64_t below : sums) sum += below;
}

template <class W>
absl::StatusOr<WorkloadResult> RunSkynet(uint64_t levels, BasicScheduler<W>& scheduler) {
  uint64_t leaves = 1;
  for (uint64_t i = 0; i < levels; ++i) leaves *= 10;
  WorkloadResult result;
  result.expected = leaves * (leaves - 1) / 2;
  BasicTaskGroup<W> group(scheduler);
  group.Spawn([&] { SkynetNode<W>(scheduler, 0, leaves, result.answer); }, {.name = "skynet"});
  group.Wait();
  return result;
}

}  // namespace tally::workloads
