// What the scheduler records, in either world, is a run that replay accepts, whole, and with the
// fingerprint that the recorder computed; and its numbers keep the bounds of any schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/memory_sink.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_header.h"
#include "scheduler/world/real_world.h"
#include "sim/checkers/run_checks.h"
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
using Body = std::function<absl::Status(BasicScheduler<W>&)>;

template <class W>
absl::Status RunRecorded(const Body<W>& body, SchedulerOptions options, Recorder& recorder) {
  options.recorder = &recorder;
  auto scheduler = BasicScheduler<W>::Create(options);
  if (!scheduler.ok()) return scheduler.status();
  absl::Status status = body(**scheduler);
  status.Update((*scheduler)->Shutdown({}).status());
  return status;
}

// In a simulated world W::Now() and all else needs the simulation around it.
template <class W>
absl::Status RunIn(const Body<W>& body, const SchedulerOptions& options, Recorder& recorder) {
  if constexpr (!W::kSimulated) {
    return RunRecorded<W>(body, options, recorder);
  } else {
    absl::Status status;
    const absl::Status simulation = RunTimed(*options.topology, MachineModel(), [&] {
      status = RunRecorded<W>(body, options, recorder);
    });
    return simulation.ok() ? status : simulation;
  }
}

template <class W>
Outcome Record(SchedulerOptions options, const Body<W>& body) {
  options.topology = std::make_shared<const Topology>(Topology::FromSpec(kMachine).value());
  options.bind = false;
  const SchedulerPlan plan = PlanScheduler(options, W::kSimulated).value();
  MemorySink sink;
  Recorder recorder(MakeRecordingHeader(plan, options, W::kSimulated), {&sink},
                    {.collector_thread = !W::kSimulated});
  Outcome outcome;
  outcome.status = RunIn<W>(body, options, recorder);
  outcome.summary = recorder.Finish();
  RecordingBuilder builder;
  outcome.status.Update(builder.Append(sink.TakeAll()));
  outcome.status.Update(builder.Finish());
  outcome.recording = builder.Take();
  return outcome;
}

template <class W>
Outcome Record(const Run& run) {
  return Record<W>({.workers = run.workers, .seed = run.seed}, [&](BasicScheduler<W>& scheduler) {
    return RunWorkload<W>(run.workload, run.size, scheduler);
  });
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

template <class W>
class Spared : public testing::Test {};
using Worlds = testing::Types<RealWorld, TimedWorld>;
TYPED_TEST_SUITE(Spared, Worlds);

size_t BegunOn(const Recording& recording, size_t lane) {
  return static_cast<size_t>(
      std::count_if(recording.lanes[lane].begin(), recording.lanes[lane].end(),
                    [](const Event& event) { return event.kind == EventKind::kBegin; }));
}

// Each task blocks for one that was spawned after it: with one worker that takes a stand-in, which
// leaves behind what it has spawned when it goes.
TYPED_TEST(Spared, WhatTakesAStandInIsRecordedWithIt) {
  using W = TypeParam;
  constexpr int kRounds = 20;
  std::atomic<int> passed{0}, more{0};
  const Outcome outcome = Record<W>({.workers = 1, .spares = 3}, [&](BasicScheduler<W>& scheduler) {
    absl::Status status;
    BasicTaskGroup<W> group(scheduler);
    for (int round = 0; round < kRounds; ++round) {
      group.Spawn([&] {
        typename W::Parker later;
        status.Update(scheduler.Submit([&] {
          for (int i = 0; i < 10; ++i) group.Spawn([&] { ++more; });
          later.Unpark();
        }));
        {
          const BasicBlockingScope<W> scope;
          later.Park();
        }
        ++passed;
      });
      group.Wait();
    }
    return status;
  });
  ExpectGood(outcome);
  EXPECT_EQ(passed.load(), kRounds);
  EXPECT_EQ(more.load(), 10 * kRounds);
  const RecordingHeader& header = outcome.recording.header;
  EXPECT_EQ(header.regular_workers(), 1u);
  ASSERT_EQ(header.spares, 1u) << "the others never served";
  EXPECT_GE(BegunOn(outcome.recording, 1), static_cast<size_t>(kRounds));
  EXPECT_EQ(BegunOn(outcome.recording, 0) + BegunOn(outcome.recording, 1),
            static_cast<size_t>(12 * kRounds));
  if (W::kSimulated) {
    EXPECT_EQ(CheckSimulatedRun(outcome.recording), std::vector<std::string>{});
  }
}

// The only worker is busy until the waiter outside has run the group, as the spare that it is.
TYPED_TEST(Spared, WhoHelpsFromOutsideIsRecordedAsTheSpareThatHeIs) {
  using W = TypeParam;
  const SchedulerOptions options = {.workers = 1, .spares = 1, .outside_helpers = 1};
  const Outcome outcome = Record<W>(options, [](BasicScheduler<W>& scheduler) {
    typename W::Parker busy, go_on;
    const absl::Status status = scheduler.Submit([&] {
      busy.Unpark();
      go_on.Park();
    });
    busy.Park();
    for (int round = 0; round < 5; ++round) {
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([&] {
        for (int i = 0; i < 3; ++i) group.Spawn([] {});
      });
      group.Wait();
    }
    go_on.Unpark();
    return status;
  });
  ExpectGood(outcome);
  ASSERT_EQ(outcome.recording.header.spares, 1u);
  EXPECT_EQ(BegunOn(outcome.recording, 0), 1u);
  EXPECT_EQ(BegunOn(outcome.recording, 1), 20u);
  const std::vector<Event>& spare = outcome.recording.lanes[1];
  EXPECT_EQ(std::count_if(spare.begin(), spare.end(),
                          [](const Event& event) {
                            return event.kind == EventKind::kSteal && event.peer == 1;
                          }),
            15)
      << "handed over for whoever comes first";
}

// The only worker is busy until Critical tasks from outside, and what they spawn, have run.
TYPED_TEST(Spared, WhomACriticalTaskCallsInIsRecordedWithIt) {
  using W = TypeParam;
  constexpr int kRounds = 5;
  const SchedulerOptions options = {.workers = 1, .spares = 1, .critical_at_once = true};
  const Outcome outcome = Record<W>(options, [](BasicScheduler<W>& scheduler) {
    typename W::Parker busy, go_on;
    absl::Status status = scheduler.Submit([&] {
      busy.Unpark();
      go_on.Park();
    });
    busy.Park();
    for (int round = 0; round < kRounds; ++round) {
      typename W::Parker ran;
      const TaskOptions critical = {.priority = Priority::kCritical};
      status.Update(scheduler.Submit(
          [&] { status.Update(scheduler.Submit([&ran] { ran.Unpark(); })); }, critical));
      // A spare that is about to rest may be missed.
      while (!ran.ParkUntil(W::Now() + 10'000'000))
        status.Update(scheduler.Submit([] {}, critical));
    }
    go_on.Unpark();
    return status;
  });
  ExpectGood(outcome);
  ASSERT_EQ(outcome.recording.header.spares, 1u);
  EXPECT_GE(BegunOn(outcome.recording, 1), static_cast<size_t>(2 * kRounds));
  if (W::kSimulated) {
    EXPECT_EQ(CheckSimulatedRun(outcome.recording), std::vector<std::string>{});
  }
}

// Most programs: the same recording as without spares.
TEST(SparesTest, WhoNeverServesIsNotInTheRecording) {
  const Outcome outcome =
      Record<TimedWorld>({.workers = 3, .spares = 5}, [](BasicScheduler<TimedWorld>& scheduler) {
        return RunWorkload<TimedWorld>("fib", 12, scheduler);
      });
  ExpectGood(outcome);
  EXPECT_EQ(outcome.recording.header.workers.size(), 3u);
  EXPECT_EQ(outcome.recording.header.spares, 0u);
  EXPECT_EQ(outcome.recording.lanes.size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(Workloads()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tally
