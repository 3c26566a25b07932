#include "benchmarks/idle/idle.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"

namespace tally::benchmarks::idle {

Measured Tbb(const Setting& setting) {
  const Memory before = Memory::Now();
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers + 1);
  tbb::task_arena arena(setting.workers, 0);
  for (int64_t i = 0; i < kTasks; ++i) arena.enqueue([] { Ran::Count(); });
  Ran::WaitFor(kTasks);
  return CpuAndMemory(before, setting);
}

}  // namespace tally::benchmarks::idle
