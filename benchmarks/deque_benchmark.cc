// What one task costs in the deque: through the seam, and in the same code written by hand.

#include <cstdint>

#include "benchmark/benchmark.h"
#include "scheduler/concurrent/deque.h"
#include "scheduler/world/real_world.h"
#include "tests/seam/by_hand.h"

namespace tally {
namespace {

using ThroughTheSeam = Deque<RealWorld, int>;
using ByHand = by_hand::Deque<int>;

template <class Deque>
void Push(Deque& deque, int* task) {
  (void)(deque.TryPush(task) || (deque.Open() && deque.TryPush(task)));
}

// The owner alone, `state.range(0)` tasks deep.
template <class Deque>
void PushPop(benchmark::State& state) {
  Deque deque(512);
  int task = 0;
  const int64_t depth = state.range(0);
  for (auto _ : state) {
    for (int64_t i = 0; i < depth; ++i) Push(deque, &task);
    for (int64_t i = 0; i < depth; ++i) benchmark::DoNotOptimize(deque.Pop());
  }
  state.SetItemsProcessed(state.iterations() * depth);
}
BENCHMARK_TEMPLATE(PushPop, ThroughTheSeam)->Arg(1)->Arg(64);
BENCHMARK_TEMPLATE(PushPop, ByHand)->Arg(1)->Arg(64);

}  // namespace
}  // namespace tally

BENCHMARK_MAIN();
