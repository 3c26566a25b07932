// A scheduler at work in this process, watched through the same chunks as any recording.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "viz/app/source.h"

namespace tally::viz {

struct DemoOptions {
  // After this long the demo ends and stays to be looked at: what it recorded is kept in memory.
  double seconds = 120;
};

absl::StatusOr<std::unique_ptr<Source>> StartDemo(const DemoOptions& options);

}  // namespace tally::viz
