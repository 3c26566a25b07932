// fib by Invoke, a task per call: what a fork and its join cost, against the same calls without.

#include <cstdint>
#include <memory>

#include "benchmark/benchmark.h"
#include "scheduler/scheduler.h"

namespace tally {
namespace {

constexpr int kN = 25;
constexpr int64_t kForks = 121392;  // of Fork(kN): one per call that is not a leaf

int64_t Serial(int n) {
  if (n < 2) return n;
  int64_t a = 0, b = 0;
  benchmark::DoNotOptimize(a = Serial(n - 1));
  benchmark::DoNotOptimize(b = Serial(n - 2));
  return a + b;
}

int64_t Fork(int n) {
  if (n < 2) return n;
  const auto [a, b] = Invoke([n] { return Fork(n - 1); }, [n] { return Fork(n - 2); });
  return a + b;
}

void FibSerial(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Serial(kN));
  state.SetItemsProcessed(state.iterations() * kForks);
}
BENCHMARK(FibSerial)->UseRealTime();

// `state.range(0)` workers.
void FibInvoke(benchmark::State& state) {
  auto scheduler = Scheduler::Create({.workers = static_cast<int>(state.range(0))});
  if (!scheduler.ok()) {
    state.SkipWithError(scheduler.status().ToString().c_str());
    return;
  }
  TaskGroup group(**scheduler);
  for (auto _ : state) {
    group.Spawn([] { benchmark::DoNotOptimize(Fork(kN)); });
    group.Wait();
  }
  state.SetItemsProcessed(state.iterations() * kForks);
}
BENCHMARK(FibInvoke)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace tally

BENCHMARK_MAIN();
