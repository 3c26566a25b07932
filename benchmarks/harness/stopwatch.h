// Times one run, or a few of them after a warm-up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/harness/problem.h"

namespace tally::benchmarks {

inline int64_t NanosOn(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

inline int64_t NowNanos() { return NanosOn(CLOCK_MONOTONIC); }

inline void SleepNanos(int64_t nanos) {
  const timespec pause{nanos / 1'000'000'000, nanos % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

// Of an odd number of values the middle one, of an even number the mean of the two in the middle.
inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The value that the fraction `part` of the values does not exceed (the nearest rank).
inline double Percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(part * static_cast<double>(values.size()));
  return values[std::min(rank, values.size() - 1)];
}

// Runs `run`, which says whether its answer was right, once to warm up, then until three runs or
// 0.2 s are over. The one value is the median time of a run in nanoseconds, divided by `units`.
template <class Run>
Measured MedianNanosPer(double units, const Setting& setting, const Run& run) {
  constexpr int64_t kEnough = 200'000'000;
  std::vector<double> times;
  int64_t spent = 0;
  for (int i = setting.quick ? 1 : 0; i < 4 && spent < kEnough; ++i) {
    const int64_t start = NowNanos();
    const bool right = run();
    const int64_t took = NowNanos() - start;
    if (!right) return absl::InternalError("the answer is wrong");
    if (i == 0 && took < kEnough) continue;  // a first run that takes so long warms itself up
    spent += took;
    times.push_back(static_cast<double>(took) / units);
  }
  return std::vector<double>{Median(std::move(times))};
}

}  // namespace tally::benchmarks
