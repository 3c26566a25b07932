// skynet: a tree of tasks, ten to a parent, that adds up the numbers of its leaves
// (github.com/atemerev/skynet). Regular and wide.
#pragma once

#include <cstdint>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::skynet {

struct Size {
  int64_t leaves;
  int64_t answer;
};

constexpr Size SizeOf(const Setting& setting) {
  return setting.quick ? Size{1'000, 499'500} : Size{1'000'000, 499'999'500'000};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "skynet",
    .help = "a tree of tasks with a million leaves, ten to a parent",
    .figures = {{"skynet", "ns/leaf"}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::skynet
