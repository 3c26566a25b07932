// What creating a task costs: empty ones, created by one task, for various worker counts.

#include "benchmarks/families/registry.h"

namespace tally::benchmarks {

void RegisterCreation(bool quick) {
  const int64_t tasks = quick ? 100 : 10'000;
  for (const int workers : {1, 2, 4}) {
    RegisterForAll({.work = "creation",
                    .unit = "ns/task",
                    .workers = workers,
                    .units = static_cast<double>(tasks),
                    .tasks = tasks},
                   [tasks](auto& pool) {
                     pool.SpawnAll(tasks, [](int64_t) { return [] { Ran::Count(); }; });
                   });
  }
}

}  // namespace tally::benchmarks
