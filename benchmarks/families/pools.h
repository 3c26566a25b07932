// Tally, oneTBB and OpenMP behind the same three calls. Only for files compiled with -fopenmp.
//
// A pool lives until the program ends, one for each worker count, as in a program that uses it:
// idle ones sleep.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "benchmarks/harness/on_tally.h"
#include "benchmarks/harness/ran.h"
#include "numa/check.h"
#include "scheduler/scheduler.h"
#include "tbb/global_control.h"
#include "tbb/task_arena.h"
#include "tbb/task_group.h"

namespace tally::benchmarks {

inline constexpr Priority kFromLowToCritical[] = {Priority::kLow, Priority::kNormal,
                                                  Priority::kHigh, Priority::kCritical};

// Calls `produce(tasks of this thread)` on so many threads outside of any pool.
template <class Produce>
void OnThreads(int threads, int64_t tasks, const Produce& produce) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([&] { produce(tasks / threads); });
  produce(tasks / threads);
  for (std::thread& other : others) other.join();
}

class TallyPool {
 public:
  static constexpr char kName[] = "ours";
  explicit TallyPool(int workers) {
    auto scheduler = StartTally({.workers = workers});
    TALLY_CHECK(scheduler.ok(), "a scheduler with default options starts");
    scheduler_ = *std::move(scheduler);
  }
  // A task inside creates the tasks task_of(0) ... task_of(count - 1), and waits for them.
  template <class TaskOf>
  void SpawnAll(int64_t count, const TaskOf& task_of) {
    TaskGroup outside(*scheduler_);
    outside.Spawn([&] {
      TaskGroup group(*scheduler_);
      for (int64_t i = 0; i < count; ++i) group.Spawn(task_of(i));
      group.Wait();
    });
    outside.Wait();
  }
  // `threads` threads outside submit `count` tasks that do nothing but Ran::Count(), of a level
  // from 0 (Low) to 3 (Critical), and wait for them.
  void SubmitAll(int64_t count, int threads, int level) {
    const int64_t before = Ran::Total();
    OnThreads(threads, count, [&](int64_t mine) {
      for (int64_t i = 0; i < mine; ++i) {
        // Refused only while shutting down.
        (void)scheduler_->Submit([] { Ran::Count(); }, {.priority = kFromLowToCritical[level]});
      }
    });
    Ran::WaitFor(before + count);
  }

 private:
  std::unique_ptr<Scheduler> scheduler_;
};

class TbbPool {
 public:
  static constexpr char kName[] = "tbb";
  explicit TbbPool(int workers)
      // The main thread counts in the limit, of which the largest that exists is in force.
      : limit_(tbb::global_control::max_allowed_parallelism, 16), inside_(workers) {
    using Arena = tbb::task_arena;
    // It has three levels.
    for (const auto level : {Arena::priority::low, Arena::priority::normal, Arena::priority::high,
                             Arena::priority::high}) {
      levels_.push_back(std::make_unique<Arena>(workers, 0, level));
    }
  }
  template <class TaskOf>
  void SpawnAll(int64_t count, const TaskOf& task_of) {
    inside_.execute([&] {
      tbb::task_group group;
      for (int64_t i = 0; i < count; ++i) group.run(task_of(i));
      group.wait();
    });
  }
  void SubmitAll(int64_t count, int threads, int level) {
    const int64_t before = Ran::Total();
    OnThreads(threads, count, [&](int64_t mine) {
      for (int64_t i = 0; i < mine; ++i) levels_[level]->enqueue([] { Ran::Count(); });
    });
    Ran::WaitFor(before + count);
  }

 private:
  tbb::global_control limit_;
  tbb::task_arena inside_;
  std::vector<std::unique_ptr<tbb::task_arena>> levels_;
};

class OpenMpPool {
 public:
  static constexpr char kName[] = "openmp";
  explicit OpenMpPool(int workers) : workers_(workers) {}
  template <class TaskOf>
  void SpawnAll(int64_t count, const TaskOf& task_of) {
#pragma omp parallel num_threads(workers_)
#pragma omp single
    for (int64_t i = 0; i < count; ++i) {
      auto task = task_of(i);
#pragma omp task firstprivate(task)
      task();
    }
  }
  // OpenMP has no outside: the producers are further threads of the team.
  void SubmitAll(int64_t count, int threads, int level) {
#pragma omp parallel num_threads(workers_ + threads)
    for (int thread = 0; thread < threads; ++thread) {
#pragma omp single nowait
      for (int64_t i = 0; i < count / threads; ++i) {
#pragma omp task priority(level)
        Ran::Count();
      }
    }
  }

 private:
  const int workers_;
};

// The one pool with so many workers.
template <class Pool>
Pool& PoolOf(int workers) {
  static auto* const pools = new std::vector<std::pair<int, std::unique_ptr<Pool>>>;
  for (auto& [count, pool] : *pools) {
    if (count == workers) return *pool;
  }
  pools->emplace_back(workers, std::make_unique<Pool>(workers));
  return *pools->back().second;
}

}  // namespace tally::benchmarks
