// idle: what a scheduler with nothing to do costs: CPU time over two seconds, once it has stopped
// looking for work; and the memory that came with it, in all and without mapped files (code).
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/ran.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::idle {

inline constexpr int64_t kTasks = 1'000;  // run before, so that everybody has been awake

// What is resident of this process.
struct Memory {
  double all_kib = 0;
  double anonymous_kib = 0;  // heap and stacks; without the mapped files, which are mostly code

  static Memory Now() {
    Memory memory;
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      if (word == "VmRSS:") status >> memory.all_kib;
      if (word == "RssAnon:") status >> memory.anonymous_kib;
    }
    return memory;
  }
};

// Call once the scheduler has run its tasks; `before` is of before it existed. Values: CPU seconds
// of all other threads, and the memory that came with it.
inline Measured CpuAndMemory(const Memory& before, const Setting& setting) {
  const auto others_cpu = [] {
    return NanosOn(CLOCK_PROCESS_CPUTIME_ID) - NanosOn(CLOCK_THREAD_CPUTIME_ID);
  };
  SleepNanos(200'000'000);  // the longest spin, libgomp's, is over in some tens of milliseconds
  const int64_t cpu = others_cpu();
  SleepNanos(setting.quick ? 20'000'000 : 2'000'000'000);
  // In whole microseconds: below that the two clocks disagree.
  const auto cpu_us = static_cast<double>(std::max<int64_t>(0, others_cpu() - cpu + 500) / 1'000);
  const Memory now = Memory::Now();
  return std::vector<double>{cpu_us / 1e6, now.all_kib - before.all_kib,
                             now.anonymous_kib - before.anonymous_kib};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);

inline const Problem kProblem{
    .name = "idle",
    .help = "the CPU time of an idle scheduler over 2 s, and its memory",
    .figures = {{"idle_cpu", "s"}, {"idle_memory", "KiB", false}, {"idle_anonymous", "KiB", false}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}}};

}  // namespace tally::benchmarks::idle
