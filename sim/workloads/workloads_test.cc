#include "sim/workloads/workloads.h"

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"

namespace tally {
namespace {

std::shared_ptr<const Topology> Imagine(std::string_view spec) {
  return std::make_shared<const Topology>(Topology::FromSpec(spec).value());
}

template <class W>
absl::Status RunOn(SchedulerOptions options, std::string_view name, uint64_t size,
                   WorkloadResult* result = nullptr, Nanos* elapsed = nullptr) {
  auto scheduler = BasicScheduler<W>::Create(options);
  if (!scheduler.ok()) return scheduler.status();
  const Nanos start = W::Now();
  const absl::Status status = RunWorkload<W>(name, size, **scheduler, result);
  if (elapsed != nullptr) *elapsed = W::Now() - start;
  return status;
}

absl::Status Simulate(std::string_view spec, int workers, std::string_view name, uint64_t size,
                      WorkloadResult* result = nullptr, Nanos* elapsed = nullptr) {
  const auto topology = Imagine(spec);
  absl::Status status;
  const absl::Status simulation = RunTimed(*topology, MachineModel(), [&] {
    status =
        RunOn<TimedWorld>({.workers = workers, .topology = topology}, name, size, result, elapsed);
  });
  return simulation.ok() ? status : simulation;
}

constexpr std::string_view kTwoPackages = "package:2 numa:1 core:8 pu:1";

// Small enough for a test; the defaults are for people.
uint64_t SmallSize(const WorkloadInfo& workload) {
  if (workload.name == "fib") return 12;
  if (workload.name == "nqueens") return 6;
  if (workload.name == "skynet") return 2;
  return 100;
}

class EveryWorkload : public testing::TestWithParam<WorkloadInfo> {};

TEST_P(EveryWorkload, IsRightOnRealWorkers) {
  for (int workers : {1, 3}) {
    const absl::Status status = RunOn<RealWorld>({.workers = workers, .bind = false},
                                                 GetParam().name, SmallSize(GetParam()));
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_P(EveryWorkload, IsRightOnImaginedWorkers) {
  for (int workers : {1, 3, 16}) {
    const absl::Status status =
        Simulate(kTwoPackages, workers, GetParam().name, SmallSize(GetParam()));
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_P(EveryWorkload, IsRightAtItsSmallestSize) {
  const absl::Status status = Simulate(kTwoPackages, 2, GetParam().name, GetParam().min_size);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(EveryWorkload, RefusesSizesOutOfRange) {
  const WorkloadInfo& info = GetParam();
  for (uint64_t size : {info.min_size - 1, info.max_size + 1}) {
    const absl::Status status = CheckWorkloadSize(info, size);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StrContains(status.message(), "use ")) << status;
  }
  EXPECT_TRUE(CheckWorkloadSize(info, info.default_size).ok());
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(Workloads()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(WorkloadsTest, HaveDifferentNames) {
  std::set<std::string_view> names;
  for (const WorkloadInfo& info : Workloads()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(FindWorkload(info.name)->help, info.help);
  }
  EXPECT_EQ(FindWorkload("cholesky"), nullptr);
  EXPECT_EQ(Simulate(kTwoPackages, 1, "cholesky", 1).code(), absl::StatusCode::kNotFound);
}

TEST(WorkloadsTest, QueensOnEveryBoard) {
  const uint64_t kSolutions[] = {1, 0, 0, 2, 10, 4, 40, 92};
  for (uint64_t n = 1; n <= 8; ++n) {
    WorkloadResult result;
    const absl::Status status = Simulate(kTwoPackages, 4, "nqueens", n, &result);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(result.answer, kSolutions[n - 1]) << n << " queens";
  }
}

TEST(WorkloadsTest, PlacingPaysWhereMemoryIsFarAway) {
  constexpr std::string_view kFourNodes = "package:4 numa:1 core:4 pu:1";
  Nanos placed = 0, unplaced = 0;
  ASSERT_TRUE(Simulate(kFourNodes, 16, "stream", 256, nullptr, &placed).ok());
  ASSERT_TRUE(Simulate(kFourNodes, 16, "stream-unplaced", 256, nullptr, &unplaced).ok());
  EXPECT_GT(unplaced, placed);
}

}  // namespace
}  // namespace tally
