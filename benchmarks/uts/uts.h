// uts: counts the nodes of an unbalanced tree, a task for every node.
#pragma once

#include <cstdint>

#include "benchmarks/harness/problem.h"
#include "benchmarks/uts/tree.h"

namespace tally::benchmarks::uts {

struct Size {
  int depth;
  int64_t answer;
};

constexpr Size SizeOf(const Setting& setting) {
  return setting.quick ? Size{4, 944} : Size{10, 4'130'071};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "uts",
    .help = "an unbalanced tree of 4 million nodes (UTS T1), a task for every node",
    .figures = {{"uts", "ns/node"}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::uts
