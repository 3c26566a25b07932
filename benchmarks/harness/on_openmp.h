// Runs a function inside OpenMP: one thread of a team creates tasks, all threads run them.
// Only for files compiled with -fopenmp.
#pragma once

#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks {

// `root()` says whether its answer was right.
template <class Root>
Measured OnOpenMp(double units, const Setting& setting, const Root& root) {
  return MedianNanosPer(units, setting, [&] {
    bool right = false;
#pragma omp parallel num_threads(setting.workers)
#pragma omp single
    right = root();
    return right;
  });
}

}  // namespace tally::benchmarks
