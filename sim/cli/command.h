// One command of the `tally` program.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "sim/cli/syntax.h"

namespace tally::cli {

struct Command {
  Syntax syntax;
  // Returns the exit code: 0, or 1 if a check failed and has been reported on stderr. A status is
  // one sentence for stderr; what went wrong while running (Internal, Aborted, ResourceExhausted,
  // DataLoss) exits with 1, everything else was the input and exits with 2.
  absl::StatusOr<int> (*run)(const Words& words) = nullptr;
};

// In the order of the help; one per file.
Command TopoCommand();
Command RunCommand();
Command SimCommand();
Command ReplayCommand();
Command StatsCommand();

}  // namespace tally::cli
