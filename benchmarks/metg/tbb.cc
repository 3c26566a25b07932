#include "benchmarks/metg/metg.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"
#include "tbb/task_group.h"

namespace tally::benchmarks::metg {

Measured Tbb(const Setting& setting) {
  const std::vector<Batch> batches = MakeBatches(setting);
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers);
  tbb::task_arena arena(setting.workers);
  return Search(batches, setting, [&arena](const Batch& batch) {
    arena.execute([&batch] {
      tbb::task_group group;
      for (int64_t i = 0; i < batch.tasks; ++i) {
        group.run([multiplications = batch.multiplications] { Task(multiplications); });
      }
      group.wait();
    });
  });
}

}  // namespace tally::benchmarks::metg
