// Steal efficiency: one task creates all, of 1 to 40 us, so whoever else works must come for them.

#include "benchmarks/families/registry.h"

namespace tally::benchmarks {
namespace {

// The same for all, in no order. (Knuth's multiplicative hash.)
int64_t NanosOfTask(int64_t i) { return 1'000 + static_cast<int64_t>(i * 2654435761u % 39'000); }

void Busy(int64_t nanos) {
  const int64_t end = NowNanos() + nanos;
  while (NowNanos() < end) {
  }
  Ran::Count();
}

}  // namespace

void RegisterUneven(bool quick) {
  const int64_t tasks = quick ? 20 : 500;
  int64_t work_ns = 0;
  for (int64_t i = 0; i < tasks; ++i) work_ns += NanosOfTask(i);
  for (const int workers : {1, 2}) {
    RegisterForAll({.work = "uneven load",
                    .unit = "times ideal",
                    .workers = workers,
                    .units = static_cast<double>(work_ns) / workers,
                    .tasks = tasks},
                   [tasks](auto& pool) {
                     pool.SpawnAll(tasks, [](int64_t i) { return [i] { Busy(NanosOfTask(i)); }; });
                   });
  }
}

}  // namespace tally::benchmarks
