#include "benchmarks/submit/submit.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"

namespace tally::benchmarks::submit {
namespace {

Measured From(int threads, const Setting& setting) {
  // An arena of workers alone: no slot is kept for the threads that submit. oneTBB counts the
  // main thread where it limits how many there are in all.
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, setting.workers + 1);
  tbb::task_arena arena(setting.workers, 0);
  return FromOutside(threads, setting, [&arena] { arena.enqueue([] { Ran::Count(); }); });
}

}  // namespace

Measured TbbFrom1(const Setting& setting) { return From(1, setting); }
Measured TbbFrom4(const Setting& setting) { return From(4, setting); }

}  // namespace tally::benchmarks::submit
