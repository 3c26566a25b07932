// Everything that docs/benchmarks.md shows.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/harness/rounds.h"
#include "benchmarks/scaling/scaling.h"

namespace tally::benchmarks {

struct Results {
  std::vector<Comparison> works = {};
  std::vector<Comparison> families = {};
  std::vector<ScalingRow> scaling = {};
  std::string machine = {};
  double others_share = 0;  // see OthersShare
};

// The row of that work, worker count and peer; nullptr if there is none.
const Comparison* Find(const std::vector<Comparison>& rows, const std::string& work, int workers,
                       const std::string& peer);

}  // namespace tally::benchmarks
