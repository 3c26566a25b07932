// submit: a million empty tasks from threads outside, really queued, until the last one is over.
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/ran.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::submit {

constexpr int64_t TasksOf(const Setting& setting) { return setting.quick ? 1'000 : 1'000'000; }

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
