// A recording that never happened: plausible, random, and the same for the same seed. For tests of
// the model and the pictures, where a real scheduler would be slow and not repeatable.
#pragma once

#include <cstdint>

#include "scheduler/trace/recording.h"

namespace tally::viz {

struct FakeOptions {
  int workers = 8;
  int nodes = 2;
  Nanos length = 2'000'000;
  uint64_t seed = 1;
  int load_percent = 70;  // how often there is something to run
};

Recording FakeRecording(const FakeOptions& options);

}  // namespace tally::viz
