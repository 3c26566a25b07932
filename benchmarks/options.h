// The command line of `tally bench`.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/harness/problem.h"

namespace tally::benchmarks {

struct Options {
  std::vector<const Problem*> problems;
  std::vector<int> workers;
  int rounds = 5;
  double seconds = 1e9;  // in which the problems are over, with fewer rounds if need be
  bool promised_only = false;
  bool json = false;
  bool quick = false;
  bool scaling = false;   // the table in virtual time, and nothing else
  bool families = false;  // run these too
  std::string docs;       // not empty: the folder whose benchmarks.md and pictures are written
  std::string text;       // not empty: print it and be done (--help, --list)
};

// InvalidArgument, one sentence that says what to type instead.
absl::StatusOr<Options> ParseOptions(std::vector<std::string> words);

}  // namespace tally::benchmarks
