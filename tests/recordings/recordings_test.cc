// What the scheduler records, in either world, is a run that replay accepts, whole, and with the
// fingerprint that the recorder computed; and its numbers keep the bounds of any schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/trace/memory_sink.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_header.h"
#include "scheduler/world/real_world.h"
#include "sim/metrics/metrics.h"
#include "sim/replay/replay.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"
#include "sim/workloads/workloads.h"

namespace tally {
namespace {

constexpr std::string_view kMachine = "package:2 numa:1 l3:2 core:4 pu:1";

struct Run {
  std::string workload;
  uint64_t size = 0;
  int workers = 1;
  uint64_t seed = 1;
};

struct Outcome {
  absl::Status status;
  RecordingSummary summary;
  Recording recording;
};

template <class W>
absl::Status RunRecorded(const Run& run, SchedulerOptions options, Recorder& recorder) {
  options.recorder = &recorder;
  auto scheduler = BasicScheduler<W>::Create(options);
  if (!scheduler.ok()) return scheduler.status();
  absl::Status status = RunWorkload<W>(run.workload, run.size, **scheduler);
  status.Update((*scheduler)->Shutdown({}).status());
  return status;
}

// In a simulated world W::Now() and all else needs the simulation around it.
template <class W>
absl::Status RunIn(const Run& run, const SchedulerOptions& options, Recorder& recorder) {
  if constexpr (!W::kSimulated) {
    return RunRecorded<W>(run, options, recorder);
  } else {
    absl::Status status;
    const absl::Status simulation = RunTimed(*options.topology, MachineModel(), [&] {
      status = RunRecorded<W>(run, options, recorder);
    });
    return simulation.ok() ? status : simulation;
  }
}

template <class W>
Outcome Record(const Run& run) {
  const auto topology = std::make_shared<const Topology>(Topology::FromSpec(kMachine).value());
  const SchedulerOptions options = {
      .workers = run.workers, .topology = topology, .bind = false, .seed = run.seed};
  const SchedulerPlan plan = PlanScheduler(options, W::kSimulated).value();
  MemorySink sink;
  Recorder recorder(MakeRecordingHeader(plan, options, W::kSimulated), {&sink},
                    {.collector_thread = !W::kSimulated});
  Outcome outcome;
  outcome.status = RunIn<W>(run, options, recorder);
  outcome.summary = recorder.Finish();
  RecordingBuilder builder;
  outcome.status.Update(builder.Append(sink.TakeAll()));
  outcome.status.Update(builder.Finish());
  outcome.recording = builder.Take();
  return outcome;
}

uint64_t SmallSize(const WorkloadInfo& workload) {
  if (workload.name == "fib") return 15;
  if (workload.name == "nqueens") return 6;
  if (workload.name == "skynet") return 3;
  return std::min<uint64_t>(workload.max_size, 300);
}

void ExpectGood(const Outcome& outcome) {
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  const ReplayReport report = Replay(outcome.recording);
  EXPECT_EQ(report.violations, std::vector<std::string>{});
  EXPECT_EQ(report.fingerprint, outcome.summary.fingerprint);
  EXPECT_GT(report.tasks, 0u);
}

class EveryWorkload : public testing::TestWithParam<WorkloadInfo> {};

TEST_P(EveryWorkload, RecordedOnRealWorkersReplays) {
  for (const int workers : {1, 2, 7}) {
    ExpectGood(Record<RealWorld>({.workload = std::string(GetParam().name),
                                  .size = SmallSize(GetParam()),
                                  .workers = workers}));
  }
}

TEST_P(EveryWorkload, RecordedOnImaginedWorkersReplaysAndKeepsItsBounds) {
  for (const int workers : {1, 3, 16}) {
    for (const uint64_t seed : {uint64_t{1}, uint64_t{2}}) {
      const Outcome outcome = Record<TimedWorld>({.workload = std::string(GetParam().name),
                                                  .size = SmallSize(GetParam()),
                                                  .workers = workers,
                                                  .seed = seed});
      ExpectGood(outcome);
      const Metrics metrics = ComputeMetrics(outcome.recording);
      EXPECT_EQ(metrics.tasks, metrics.spawned);
      EXPECT_LE(metrics.span_ns, metrics.makespan_ns);
      EXPECT_LE(metrics.span_ns, metrics.work_ns);
      EXPECT_LE(metrics.work_ns, metrics.makespan_ns * static_cast<uint64_t>(workers));
    }
  }
}

uint64_t SimulatedFingerprint(const WorkloadInfo& workload, uint64_t seed) {
  const Outcome outcome = Record<TimedWorld>({.workload = std::string(workload.name),
                                              .size = SmallSize(workload),
                                              .workers = 8,
                                              .seed = seed});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  return outcome.summary.fingerprint;
}

TEST_P(EveryWorkload, TheSameSimulationHasTheSameFingerprint) {
  EXPECT_EQ(SimulatedFingerprint(GetParam(), 7), SimulatedFingerprint(GetParam(), 7));
}

// Only where a choice among victims matters: in "uneven" there is but one to rob.
TEST(SeedTest, AnotherSeedIsAnotherRun) {
  for (const char* name : {"fib", "nqueens", "skynet"}) {
    EXPECT_NE(SimulatedFingerprint(*FindWorkload(name), 7),
              SimulatedFingerprint(*FindWorkload(name), 8))
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(Workloads()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tally
