// Runs a function inside oneTBB: an arena of so many threads, the calling one among them.
#pragma once

#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"

namespace tally::benchmarks {

// `root()` says whether its answer was right.
template <class Root>
Measured OnTbb(double units, const Setting& setting, const Root& root) {
  // oneTBB would not start more threads than there are CPUs.
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers);
  tbb::task_arena arena(setting.workers);
  return MedianNanosPer(units, setting, [&] { return arena.execute(root); });
}

}  // namespace tally::benchmarks
