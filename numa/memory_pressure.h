// Tells a program that memory is getting scarce, while it can still do something about it.
//
//   auto pressure = tally::MemoryPressure::Start({
//       .pools = {&pool}, .on_pressure = [&](const tally::PressureEvent& e) { cache.Shrink(); }});
//
// A thread that sleeps until the kernel reports: PSI triggers of the system and of the program's
// cgroup, and the cgroup's memory.events. Where the kernel refuses a trigger, the file is read
// every two seconds instead, and sources() says so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "numa/ids.h"
#include "numa/pressure_facts.h"
#include "numa/pressure_kernel.h"
#include "numa/slab_pool.h"

namespace tally {

struct PressureEvent {
  PressureLevel level = PressureLevel::kNone;  // kNone: it is over
  std::string why;                             // one clause; empty for kNone
  uint64_t bytes_handed_back = 0;              // of the pools, because of this event
};

struct MemoryPressureOptions {
  // Their empty slabs go back to the kernel under pressure. They outlive the monitor.
  std::vector<SlabPool*> pools = {};
  // On the monitor's thread: at each report of pressure (at most about one in two seconds), and
  // once when it is over. May be empty.
  std::function<void(const PressureEvent&)> on_pressure = nullptr;
  // Where to read. Empty: of the system, and of the cgroup that /proc/self/cgroup names.
  std::string system_file = "/proc/pressure/memory";
  std::string cgroup_folder = "";
};

class MemoryPressure {
 public:
  // Never fails: where nothing can be read, sources() says so and nothing is ever reported.
  static std::unique_ptr<MemoryPressure> Start(
      MemoryPressureOptions options,
      std::unique_ptr<PressureKernel> kernel = std::make_unique<RealPressureKernel>());
  ~MemoryPressure();
  MemoryPressure(const MemoryPressure&) = delete;
  MemoryPressure& operator=(const MemoryPressure&) = delete;

  // What is watched and how, one sentence each: "/proc/pressure/memory: the kernel reports 150 ms
  // of stalls within 2 s".
  const std::vector<std::string>& sources() const { return sources_; }
  PressureLevel level() const { return level_.load(std::memory_order_relaxed); }  // a statistic
  uint64_t events() const { return events_.load(std::memory_order_relaxed); }     // so far

 private:
  MemoryPressure(MemoryPressureOptions options, std::unique_ptr<PressureKernel> kernel);
  struct Source {
    std::string path;
    bool counts_events = false;  // else stalls
    int handle = -1;             // < 0: refused, so it is read in turn
  };
  void Watch(std::string path, bool counts_events);
  PressureFacts Look(int reported);
  void Report(PressureVerdict verdict);
  void Run();

  MemoryPressureOptions options_;
  std::unique_ptr<PressureKernel> kernel_;
  std::vector<Source> watched_;
  std::vector<std::string> sources_;
  std::atomic<PressureLevel> level_{PressureLevel::kNone};
  std::atomic<uint64_t> events_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tally
