#include "benchmarks/metg/metg.h"

namespace tally::benchmarks::metg {

Measured OpenMp(const Setting& setting) {
  const std::vector<Batch> batches = MakeBatches(setting);
  return Search(batches, setting, [&setting](const Batch& batch) {
    const int64_t tasks = batch.tasks;
    const int64_t multiplications = batch.multiplications;
#pragma omp parallel num_threads(setting.workers)
#pragma omp single
    for (int64_t i = 0; i < tasks; ++i) {
#pragma omp task firstprivate(multiplications)
      Task(multiplications);
    }
  });
}

}  // namespace tally::benchmarks::metg
