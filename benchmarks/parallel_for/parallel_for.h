// parallel_for: a million trivial iterations, each a task of its own or cut as the scheduler likes.
#pragma once

#include <cstdint>
#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::parallel_for {

constexpr int64_t IterationsOf(const Setting& setting) { return setting.quick ? 1'000 : 1'000'000; }
constexpr int LoopsOf(const Setting& setting) { return setting.quick ? 3 : 200; }

// What the iterations do: one adds 1 to its own number.
class Numbers {
 public:
  explicit Numbers(const Setting& setting)
      : numbers_(static_cast<size_t>(IterationsOf(setting)), 0) {}

  int32_t* data() { return numbers_.data(); }
  int64_t size() const { return static_cast<int64_t>(numbers_.size()); }
  // Whether each iteration ran exactly `loops` more times than when this was last asked.
  bool AllRan(int loops) {
    seen_ += loops;
    for (const int32_t number : numbers_) {
      if (number != seen_) return false;
    }
    return true;
  }

 private:
  std::vector<int32_t> numbers_;
  int32_t seen_ = 0;
};

Measured OursGrain1(const Setting& setting);
Measured OursAuto(const Setting& setting);
Measured TbbGrain1(const Setting& setting);
Measured TbbAuto(const Setting& setting);
Measured OpenMpGrain1(const Setting& setting);
Measured OpenMpAuto(const Setting& setting);
Measured SerialGrain1(const Setting& setting);
Measured SerialAuto(const Setting& setting);

inline const Problem kGrain1{.name = "parallel_for_grain1",
                             .help = "a million trivial iterations, each a piece of its own",
                             .figures = {{"parallel_for_grain1", "ns/iteration"}},
                             .contenders = {{"ours", OursGrain1},
                                            {"tbb", TbbGrain1},
                                            {"openmp", OpenMpGrain1},
                                            {"serial", SerialGrain1}}};

inline const Problem kAuto{
    .name = "parallel_for_auto",
    .help = "200 loops of a million trivial iterations, automatic pieces",
    .figures = {{"parallel_for_auto", "us/loop"}},
    .contenders = {
        {"ours", OursAuto}, {"tbb", TbbAuto}, {"openmp", OpenMpAuto}, {"serial", SerialAuto}}};

}  // namespace tally::benchmarks::parallel_for
