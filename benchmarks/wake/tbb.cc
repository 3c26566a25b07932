#include "benchmarks/wake/wake.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"

namespace tally::benchmarks::wake {
namespace {

Measured After(int64_t pause_ns, const Setting& setting) {
  // An arena of workers alone; the main thread counts in the limit.
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers + 1);
  tbb::task_arena arena(setting.workers, 0);
  return Latencies(pause_ns, setting,
                   [&arena](Began& began) { arena.enqueue([&began] { began.Now(); }); });
}

}  // namespace

Measured TbbLong(const Setting& setting) { return After(kLong, setting); }
Measured TbbShort(const Setting& setting) { return After(kShort, setting); }

}  // namespace tally::benchmarks::wake
