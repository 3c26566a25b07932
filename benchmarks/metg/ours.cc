#include "benchmarks/harness/on_tally.h"
#include "benchmarks/metg/metg.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::metg {

Measured Ours(const Setting& setting) {
  const std::vector<Batch> batches = MakeBatches(setting);
  const absl::StatusOr<std::unique_ptr<Scheduler>> started = StartTally(setting);
  if (!started.ok()) return started.status();
  Scheduler& scheduler = **started;
  return Search(batches, setting, [&scheduler](const Batch& batch) {
    TaskGroup outside(scheduler);
    outside.Spawn([&scheduler, &batch] {
      TaskGroup group(scheduler);
      for (int64_t i = 0; i < batch.tasks; ++i) {
        group.Spawn([multiplications = batch.multiplications] { Task(multiplications); });
      }
      group.Wait();
    });
    outside.Wait();
  });
}

}  // namespace tally::benchmarks::metg
