// A problem is solved by several contenders, ours and others', and each solution is measured.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tally::benchmarks {

// What a contender is asked.
struct Setting {
  int workers = 1;
  bool quick = false;  // the smallest size that still runs every line: for tests, not for numbers
};

// One value per figure of the problem, or what went wrong: a wrong answer above all.
using Measured = absl::StatusOr<std::vector<double>>;

// Runs in a process of its own, which has no threads when it starts.
struct Contender {
  std::string_view name;  // "ours", "serial", "tbb", "openmp", "futex"
  Measured (*measure)(const Setting& setting);
};

// One row of the table: of all of them, less is better.
struct Figure {
  std::string_view work;  // "wake_p50"
  std::string_view unit;  // "us"
  bool promised = true;   // one of the rows of `tally bench --peers`
};

struct Problem {
  std::string_view name;  // also its folder's
  std::string_view help;  // one line, lower case, no full stop
  std::vector<Figure> figures;
  std::vector<Contender> contenders;  // ours first, then the one to be compared with first
};

}  // namespace tally::benchmarks
