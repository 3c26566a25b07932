// Submission from outside: at each priority, and by many threads at once; until all have run.

#include "benchmarks/families/registry.h"

namespace tally::benchmarks {
namespace {

constexpr int kWorkers = 2;

void RegisterOne(const std::string& work, int64_t tasks, int threads, int level) {
  RegisterForAll({.work = work,
                  .unit = "ns/task",
                  .workers = kWorkers,
                  .units = static_cast<double>(tasks),
                  .tasks = tasks},
                 [=](auto& pool) { pool.SubmitAll(tasks, threads, level); });
}

}  // namespace

void RegisterPriorities(bool quick) {
  constexpr const char* kLevels[] = {"Low", "Normal", "High", "Critical"};
  for (int level = 3; level >= 0; --level) {
    RegisterOne(std::string("submission, ") + kLevels[level], quick ? 160 : 16'000, 1, level);
  }
}

void RegisterSubmission(bool quick) {
  for (const int threads : {2, 4, 8}) {
    RegisterOne("submission by " + std::to_string(threads) + " threads", quick ? 160 : 16'000,
                threads, 1);
  }
}

}  // namespace tally::benchmarks
