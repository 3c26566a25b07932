// A soak: very many tasks through every entry of the API, round after round. Each round deals
// numbers to tasks; afterwards each number was marked once: nothing was lost, nothing ran twice.
// And what one thread submits to one worker starts within the documented distance of its turn.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace tally::stress {

struct SoakOptions {
  int64_t tasks = 1'000'000'000;
  int workers = 2;
  // Called after each round, with the tasks so far.
  std::function<void(int64_t tasks)> progress = [](int64_t) {};
};

class Soak {
 public:
  explicit Soak(const SoakOptions& options);

  // Until so many tasks have run, or something was wrong. In words; empty: all was right.
  std::string Run();

  struct Entry {
    const char* name;
    int64_t (Soak::*round)();  // returns how many tasks there were
    int64_t tasks = 0;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  // The largest distance from its turn at which a task has started, in places.
  int64_t farthest() const { return farthest_; }

 private:
  static constexpr int64_t kRound = 1 << 16;
  static constexpr int64_t kFarthest = 128;  // docs/scheduling.md

  int64_t InvokeInside();
  int64_t SpawnOutside();
  int64_t SpawnInside();
  int64_t SpawnBatches();
  int64_t SubmitOutside();
  int64_t SubmitInside();
  int64_t SubmitBatches();
  int64_t ForOutside();
  int64_t ForInside();
  int64_t Reduce();
  int64_t Blocking();
  int64_t Stopped();
  int64_t Ordered();

  void Mark(int64_t number) { marks_[static_cast<size_t>(number)].fetch_add(1, relaxed); }
  void MarkDetached(int64_t number) {
    Mark(number);
    over_.fetch_add(1);
  }
  void MarkHalves(int64_t first, int64_t last);
  void GrowTree(int64_t first, int64_t last);
  void WaitForDetached(int64_t tasks);
  void Expect(bool right, const std::string& what);
  // From outside, and on a worker.
  static Priority Level(int64_t number) { return static_cast<Priority>(number % kPriorities); }
  template <class F>
  void OnWorker(const F& body) {
    TaskGroup group(*scheduler_);
    group.Spawn([&body] { body(); });
    group.Wait();
  }
  // `body(first, last)` on two threads outside, each for one half of the numbers.
  template <class F>
  void FromTwoThreads(const F& body);

  static constexpr std::memory_order relaxed = std::memory_order_relaxed;

  const SoakOptions options_;
  std::vector<Entry> entries_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Scheduler> alone_;  // of one worker
  std::vector<std::atomic<uint8_t>> marks_ = std::vector<std::atomic<uint8_t>>(kRound);
  std::atomic<int64_t> over_{0};
  std::atomic<bool> accepted_{true};
  std::array<int64_t, kPriorities>
      started_{};         // only the lone worker's, and between its tasks ours
  int64_t farthest_ = 0;  // likewise
  std::string wrong_;
};

}  // namespace tally::stress
