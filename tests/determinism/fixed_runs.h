// Simulations that must come out the same on every compiler, at every optimisation level, for ever,
// or until somebody means to change them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tally {

struct FixedRun {
  std::string workload;
  uint64_t size = 0;
  int workers = 0;
  std::string placement;
  uint64_t seed = 0;
  std::string topology;
};

const std::vector<FixedRun>& FixedRuns();

// Simulates it; one line: what was run, the decisions' fingerprint, and the virtual nanoseconds
// that it all took. Or what went wrong.
std::string Outcome(const FixedRun& run);

// goldens.txt as it should be now.
std::string Goldens();

}  // namespace tally
