// Weak scaling on a machine that is not here: the same scheduler in virtual time, with a fixed
// amount of work per worker. A perfect scheduler takes as long with 64 workers as with one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"

namespace tally::benchmarks {

struct ScalingRow {
  int workers = 0;
  // One task per worker spawns 1,000 tasks of 100 ns each and waits for them.
  Nanos spawned_ns = 0;
  // One thread outside per worker submits 1,000 such tasks; until the last is over.
  Nanos submitted_ns = 0;
};

// "package:2 numa:1 l3:8 core:8 pu:1": 2 x 64 cores.
extern const char kScalingMachine[];

// With 1, 2, 4 ... `workers_max` workers. Deterministic.
absl::StatusOr<std::vector<ScalingRow>> MeasureScaling(int workers_max);

}  // namespace tally::benchmarks
