// OpenMP's priority clause. OMP_MAX_TASK_PRIORITY, which must be set for it to mean anything, is
// set by main(). OpenMP has no outside: the submitting thread is one more of the team.

#include "benchmarks/critical/critical.h"

namespace tally::benchmarks::critical {
namespace {

void Low(const std::atomic<bool>& over) {
  LowTask();
  if (over.load(std::memory_order_relaxed)) return;
#pragma omp task priority(0) shared(over)
  Low(over);
}

}  // namespace

Measured OpenMp(const Setting& setting) {
  Measured measured = absl::InternalError("nothing was measured");
  std::atomic<bool> over{false};
#pragma omp parallel num_threads(setting.workers + 1)
#pragma omp single
  {
    for (int i = 0; i < kQueuedPerWorker * setting.workers; ++i) {
#pragma omp task priority(0) shared(over)
      Low(over);
    }
    measured = Latencies(setting, [](Sample& sample) {
#pragma omp task priority(1) shared(sample)
      sample.Began();
    });
    over.store(true, std::memory_order_relaxed);
  }
  return measured;
}

}  // namespace tally::benchmarks::critical
