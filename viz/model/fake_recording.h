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
  int spares = 0;         // who serve now and then
  int idle_spares = 0;    // and, behind them, who never do
};

Recording FakeRecording(const FakeOptions& options);

}  // namespace tally::viz
