// How many tasks ran, counted without disturbing them.
#pragma once

#include <atomic>
#include <cstdint>

#include "benchmarks/harness/stopwatch.h"
#include "numa/check.h"

namespace tally::benchmarks {

// Counts what ran, without the threads that run it meeting on one cache line: of all contenders
// the tasks do the same, and none needs a group to know when all are over.
class Ran {
 public:
  static void Count() {
    static thread_local Slot& own = Take();
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
  static Slot& Take() {
    const int index = taken_.fetch_add(1);
    TALLY_CHECK(index < kThreads, "more threads ran tasks than Ran has room for");
    return slots_[index];
  }
  static constexpr int kThreads = 256;
  inline static Slot slots_[kThreads];
  inline static std::atomic<int> taken_{0};
};

}  // namespace tally::benchmarks
