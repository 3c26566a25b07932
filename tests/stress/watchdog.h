// Ends a program that no longer makes progress, and says what its scheduler was doing.
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "scheduler/runtime/stats.h"

namespace tally::stress {

class Watchdog {
 public:
  using Look = std::function<SchedulerStats()>;

  // Aborts after that long without progress.
  explicit Watchdog(std::chrono::seconds patience = std::chrono::seconds(60))
      : patience_(patience), thread_([this] { Run(); }) {}
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void Progress() { progress_.fetch_add(1, std::memory_order_relaxed); }
  // Which scheduler to dump; nullptr: none.
  void Watch(Look look) {
    const std::lock_guard lock(mutex_);
    look_ = std::move(look);
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    for (uint64_t seen = progress_.load(); !over_;) {
      if (changed_.wait_for(lock, patience_, [this] { return over_; })) return;
      const uint64_t now = progress_.load();
      if (now == seen) Abort();
      seen = now;
    }
  }

  [[noreturn]] void Abort() {
    fprintf(stderr, "no progress for %lld s\n", static_cast<long long>(patience_.count()));
    if (look_ != nullptr) {
      const SchedulerStats stats = look_();
      fprintf(stderr, "%zu workers, %u sleep, %u search, %lld tasks in injectors\n",
              stats.workers.size(), stats.sleeping, stats.searching,
              static_cast<long long>(stats.queued_in_injectors));
      for (size_t i = 0; i < stats.workers.size(); ++i) {
        const WorkerStats& worker = stats.workers[i];
        fprintf(stderr, "worker %zu: %lld queued, %llu parks, %llu parked in waits, %llu wakes\n",
                i, static_cast<long long>(worker.queued),
                static_cast<unsigned long long>(worker.parks),
                static_cast<unsigned long long>(worker.waits_parked),
                static_cast<unsigned long long>(worker.wakes));
      }
    }
    abort();
  }

  const std::chrono::seconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<uint64_t> progress_{0};
  Look look_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace tally::stress
