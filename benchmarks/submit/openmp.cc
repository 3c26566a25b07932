#include "benchmarks/submit/submit.h"

namespace tally::benchmarks::submit {

Measured OpenMpFrom1(const Setting& setting) {
  const int64_t tasks = TasksOf(setting);
  return MedianNanosPer(static_cast<double>(tasks), setting, [&] {
    const int64_t before = Ran::Total();
#pragma omp parallel num_threads(setting.workers + 1)
#pragma omp single
    for (int64_t i = 0; i < tasks; ++i) {
#pragma omp task
      Ran::Count();
    }
    return Ran::Total() == before + tasks;
  });
}

}  // namespace tally::benchmarks::submit
