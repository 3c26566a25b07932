#include "benchmarks/idle/idle.h"

namespace tally::benchmarks::idle {

Measured OpenMp(const Setting& setting) {
  const Memory before = Memory::Now();
#pragma omp parallel num_threads(setting.workers)
#pragma omp single
  for (int64_t i = 0; i < kTasks; ++i) {
#pragma omp task
    Ran::Count();
  }
  return CpuAndMemory(before, setting);
}

}  // namespace tally::benchmarks::idle
