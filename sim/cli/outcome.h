// From a finished run to what is printed: shared by `run` and `sim`.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/runtime/stats.h"
#include "sim/cli/tape.h"
#include "sim/metrics/cross_node.h"
#include "sim/workloads/workloads.h"

namespace tally::cli {

struct Outcome {
  absl::Status status;   // of the workload
  SchedulerStats stats;  // after the shutdown
  Nanos elapsed_ns = 0;  // around the workload
  WorkloadResult result;
  std::optional<AccessFacts> accesses = std::nullopt;  // of a real run
};

// What goes to standard output. Internal if the recorder and the recording disagree.
absl::StatusOr<std::string> Describe(const Tape& tape, const Outcome& outcome, bool json);

}  // namespace tally::cli
