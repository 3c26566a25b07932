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

// Why a worker has no binding, where none was wanted.
inline constexpr char kNotAsked[] = "binding was not asked for";

struct SchedulerPlan {
  std::shared_ptr<const Topology> topology;
  std::vector<CpuId> cpus;  // by WorkerId
  std::string sizing;       // why so many: "one for each of 8 cores"
  uint32_t spares = 0;      // workers that stand in for those whose tasks block
};

// The workers' PUs, then the spares': each on the PU of one of the workers.
std::vector<CpuId> WithSpares(std::vector<CpuId> cpus, uint32_t spares);

// InvalidArgument, saying what to type instead, for impossible options.
absl::StatusOr<SchedulerPlan> PlanScheduler(const SchedulerOptions& options, bool simulated);

// What a recording of a scheduler with this plan says about itself; the caller adds what it knows
// of the program (workload, size, version).
RecordingHeader MakeRecordingHeader(const SchedulerPlan& plan, const SchedulerOptions& options,
                                    bool simulated);

// Fills in what differs from what was asked, one sentence each, and says once in the log what was
// not granted.
void DescribePlacement(const Topology& topology, bool simulated, PlacementReport& placement);

// The report of the start, with what the kernel says now: cpusets, masks and quotas may have
// changed since. Threads and memory that are no longer where they were bound are bound again.
PlacementReport CheckPlacementNow(const Topology& topology, const PlacementReport& at_start);

// what(), or that it is not a std::exception.
std::string DescribeException(const std::exception_ptr& exception);

}  // namespace tally
