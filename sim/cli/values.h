// What the values of flags mean. Every error is InvalidArgument (or what the reader of a file says)
// and one sentence that says what to type instead.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/runtime/options.h"
#include "sim/cli/syntax.h"
#include "sim/workloads/workloads.h"

namespace tally::cli {

// --workers: 1 to 4096; 0 if the flag is not there.
absl::StatusOr<int> WorkersFrom(const Words& words);
// --seed: any 64-bit number; 1 if the flag is not there.
// --record, else what TALLY_RECORD asks of any program that links Tally; empty: nowhere.
std::string RecordPathFrom(const Words& words);
absl::StatusOr<uint64_t> SeedFrom(const Words& words);
absl::StatusOr<Placement> PlacementFrom(const Words& words);
// --bind: pu, core, l3 or none; leaves the options alone if the flag is not there.
absl::Status BindFrom(const Words& words, SchedulerOptions& options);
// --topology; `live` if the flag is not there.
absl::StatusOr<std::shared_ptr<const Topology>> TopologyFrom(const Words& words,
                                                             TopologyOptions options = {});

struct WorkloadChoice {
  std::string name;
  uint64_t size = 0;
};
// The argument and --size.
absl::StatusOr<WorkloadChoice> WorkloadFrom(const Words& words);

// The flags that several commands have.
Flag SizeFlag();
Flag WorkersFlag(std::string default_value);
Flag SeedFlag();
Flag PlacementFlag();
Flag BindFlag();
Flag TopologyFlag();
Flag RecordFlag();
Flag JsonFlag();
// "fib, nqueens, ...": what the WORKLOAD argument can be.
std::string WorkloadNames();
// The same as a table with what they do and their sizes.
std::string WorkloadTable();

}  // namespace tally::cli
