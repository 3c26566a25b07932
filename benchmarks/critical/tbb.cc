// oneTBB has priorities of arenas: between tasks its threads look whether a more urgent arena wants
// them.

#include "benchmarks/critical/critical.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"

namespace tally::benchmarks::critical {
namespace {

struct Low {
  tbb::task_arena& arena;
  const std::atomic<bool>& over;
  std::atomic<int>& queued;

  void operator()() const {
    LowTask();
    // relaxed: one task more does no harm.
    if (over.load(std::memory_order_relaxed)) {
      queued.fetch_sub(1);
    } else {
      arena.enqueue(*this);
    }
  }
};

}  // namespace

Measured Tbb(const Setting& setting) {
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers + 1);
  tbb::task_arena low(setting.workers, 0, tbb::task_arena::priority::low);
  tbb::task_arena high(setting.workers, 0, tbb::task_arena::priority::high);
  std::atomic<bool> over{false};
  std::atomic<int> queued{kQueuedPerWorker * setting.workers};
  for (int i = queued; i > 0; --i) low.enqueue(Low{low, over, queued});
  Measured measured =
      Latencies(setting, [&high](Sample& sample) { high.enqueue([&sample] { sample.Began(); }); });
  over.store(true, std::memory_order_relaxed);
  while (queued.load() > 0) SleepNanos(1'000'000);
  return measured;
}

}  // namespace tally::benchmarks::critical
