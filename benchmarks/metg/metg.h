// metg50: the smallest task that is worth it. "METG(50 %)" of Slaughter et al., "Task Bench: A
// Parameterized Benchmark for Evaluating Parallel Runtime Performance", SC 2020: the task duration
// at which half of the workers' time goes into the tasks, here of one flat batch that a task inside
// the pool creates and waits for.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/ran.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::metg {

// A task: multiplications that wait for each other, about a nanosecond each; and for those of the
// task before, or the CPU would run short tasks of a plain loop, but of no scheduler, side by side.
inline void Task(int64_t multiplications) {
  static thread_local uint64_t value = 1;
  uint64_t next = value;
  for (int64_t i = 0; i < multiplications; ++i) {
    next = next * 6364136223846793005u + 1442695040888963407u;
    asm volatile("" : "+r"(next));  // or the compiler would see that nobody asks
  }
  value = next;
  Ran::Count();
}

// So many tasks of so many multiplications.
struct Batch {
  int64_t tasks = 0;
  int64_t multiplications = 0;
  double task_us = 0;  // without a scheduler, best of three
};

// Durations that grow by the square root of 2, each batch of `batch_ms` milliseconds: 20 ns to 5
// us.
std::vector<Batch> MakeBatches(const Setting& setting);

// By halving: the smallest duration with half efficiency, interpolated between the neighbours on
// the grid; `efficiency(batch)` of about 0 to 1, growing with the duration. The smallest duration
// of all if even that has it, the largest if not even that has.
double Smallest(const std::vector<Batch>& batches,
                const std::function<double(const Batch&)>& efficiency);

// `run(batch)` runs it in the pool, from a task inside; the pool exists by now, and the batches
// were measured before it did.
Measured Search(const std::vector<Batch>& batches, const Setting& setting,
                const std::function<void(const Batch&)>& run);

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);

inline const Problem kProblem{.name = "metg50",
                              .help = "the task duration with 50 % efficiency, in a flat batch",
                              .figures = {{"metg50", "us"}},
                              .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}}};

}  // namespace tally::benchmarks::metg
