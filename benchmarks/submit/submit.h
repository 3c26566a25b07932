// submit: a million empty tasks from threads outside, really queued, until the last one is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::submit {

constexpr int64_t TasksOf(const Setting& setting) { return setting.quick ? 1'000 : 1'000'000; }

// Counts what ran, without the threads that run it meeting on one cache line: of all contenders
// the tasks do the same, and none needs a group to know when all are over.
class Ran {
 public:
  static void Count() {
    static thread_local Slot& own = slots_[taken_.fetch_add(1)];
    // One writer; release: what the task did is over for who has seen the count.
    own.count.store(own.count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  static int64_t Total() {
    int64_t total = 0;
    for (const Slot& slot : slots_) total += slot.count.load(std::memory_order_acquire);
    return total;
  }
  // Sleeps rather than spins: the CPUs are the workers'.
  static void WaitFor(int64_t total) {
    while (Total() < total) SleepNanos(20'000);
  }

 private:
  struct alignas(64) Slot {
    std::atomic<int64_t> count;
  };
  inline static Slot slots_[64];
  inline static std::atomic<int> taken_{0};
};

// `submit()` submits one task.
template <class Submit>
Measured FromOutside(int threads, const Setting& setting, const Submit& submit) {
  const int64_t tasks = TasksOf(setting);
  return MedianNanosPer(static_cast<double>(tasks), setting, [&] {
    const int64_t before = Ran::Total();
    const auto produce = [&] {
      for (int64_t i = 0; i < tasks / threads; ++i) submit();
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(produce);
    produce();
    for (std::thread& other : others) other.join();
    Ran::WaitFor(before + tasks);
    return Ran::Total() == before + tasks;
  });
}

Measured OursFrom1(const Setting& setting);
Measured OursFrom4(const Setting& setting);
Measured TbbFrom1(const Setting& setting);
Measured TbbFrom4(const Setting& setting);
// OpenMP has no outside: the producer is one more thread of the team, and helps in the end.
Measured OpenMpFrom1(const Setting& setting);

inline const Problem kFrom1{
    .name = "submit1",
    .help = "a million empty tasks from one thread outside",
    .figures = {{"submit1", "ns/task"}},
    .contenders = {{"ours", OursFrom1}, {"tbb", TbbFrom1}, {"openmp", OpenMpFrom1}}};

inline const Problem kFrom4{.name = "submit4",
                            .help = "a million empty tasks from four threads outside",
                            .figures = {{"submit4", "ns/task"}},
                            .contenders = {{"ours", OursFrom4}, {"tbb", TbbFrom4}}};

}  // namespace tally::benchmarks::submit
