// fib: the recursion without any cut-off, a task at every call: nothing but forks and joins.
#pragma once

#include <cstdint>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::fib {

struct Size {
  int n;
  int64_t answer;
  double forks;  // calls that are no leaves
};

constexpr Size SizeOf(const Setting& setting) {
  return setting.quick ? Size{16, 987, 1'596} : Size{32, 2'178'309, 3'524'577};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "fib",
    .help = "fib(32), a task at every call",
    .figures = {{"fib", "ns/fork"}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::fib
