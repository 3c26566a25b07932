// Registers a case of a family, once for each contender, with Google Benchmark.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/families/pools.h"

namespace tally::benchmarks {

struct Case {
  std::string work;  // "data, 64 B"
  std::string unit;  // "ns/task"
  int workers = 0;
  double units = 1;  // one run's nanoseconds divided by it is the value
  int64_t tasks = 0;
};

struct Entry {
  Case facts;
  std::string contender;
};

// By the name under which Google Benchmark knows it, which is its index.
std::vector<Entry>& Entries();

// `run(pool)` runs the case once; all of its tasks count themselves (Ran).
template <class Pool, class Run>
void Register(const Case& facts, const Run& run) {
  const std::string name = std::to_string(Entries().size());
  Entries().push_back({facts, Pool::kName});
  benchmark::RegisterBenchmark(name.c_str(), [facts, run](benchmark::State& state) {
    Pool& pool = PoolOf<Pool>(facts.workers);
    int64_t expected = Ran::Total();
    for (auto _ : state) {
      run(pool);
      expected += facts.tasks;
    }
    if (Ran::Total() != expected) state.SkipWithError("the answer is wrong");
    // Until libgomp's threads have stopped to spin: the next one has the machine to itself.
    if (std::string(Pool::kName) == "openmp") SleepNanos(20'000'000);
  })->UseRealTime();
}

template <class Run>
void RegisterForAll(const Case& facts, const Run& run) {
  Register<TallyPool>(facts, run);
  Register<TbbPool>(facts, run);
  Register<OpenMpPool>(facts, run);
}

// The six families; `quick`: tiny sizes.
void RegisterCreation(bool quick);
void RegisterPriorities(bool quick);
void RegisterData(bool quick);
void RegisterSubmission(bool quick);
void RegisterUneven(bool quick);
void RegisterMemory(bool quick);

}  // namespace tally::benchmarks
