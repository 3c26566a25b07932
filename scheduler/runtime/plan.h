// From options to a plan: which workers, on which PUs. Everything about starting a scheduler that
// does not depend on the world.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/runtime/options.h"
#include "scheduler/trace/recording_header.h"

namespace tally {

struct SchedulerPlan {
  std::shared_ptr<const Topology> topology;
  std::vector<CpuId> cpus;  // by WorkerId
  std::string sizing;       // why so many: "one for each of 8 cores"
};

// InvalidArgument, saying what to type instead, for impossible options.
absl::StatusOr<SchedulerPlan> PlanScheduler(const SchedulerOptions& options, bool simulated);

// What a recording of a scheduler with this plan says about itself; the caller adds what it knows
// of the program (workload, size, version).
RecordingHeader MakeRecordingHeader(const SchedulerPlan& plan, const SchedulerOptions& options,
                                    bool simulated);

// What differs from what was asked, one sentence each.
std::vector<std::string> DescribePlacement(const Topology& topology,
                                           const PlacementReport& placement, bool simulated);

// what(), or that it is not a std::exception.
std::string DescribeException(const std::exception_ptr& exception);

}  // namespace tally
