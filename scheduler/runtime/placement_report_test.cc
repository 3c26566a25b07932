// Where the workers of real schedulers are, by their own report and by the kernel's word.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "numa/binding.h"
#include "numa/cpu_list.h"
#include "numa/effective_cpus.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/scheduler.h"

namespace tally {
namespace {

std::unique_ptr<Scheduler> Start(SchedulerOptions options) {
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create(std::move(options));
  EXPECT_TRUE(scheduler.ok()) << scheduler.status();
  return *std::move(scheduler);
}

TEST(PlacementReport, WhoAsksForNoNumberGetsTheDefaultAndHearsWhy) {
  const Topology live = *Topology::FromSpec("live");
  const WorkerCount expected = DefaultWorkers(live, ReadEffectiveCpus(live), {});
  const std::unique_ptr<Scheduler> scheduler = Start({});
  EXPECT_EQ(scheduler->workers(), expected.workers);
  EXPECT_EQ(scheduler->Placement().sizing, expected.why);
  EXPECT_EQ(Start({.workers = 1})->Placement().sizing, "as asked");
}

TEST(PlacementReport, EveryWorkerIsWhereItSays) {
  for (BindingUnit unit : {BindingUnit::kPu, BindingUnit::kCore, BindingUnit::kL3}) {
    const std::unique_ptr<Scheduler> scheduler = Start({.workers = 3, .bind_to = unit});
    for (const Binding& binding : scheduler->Placement().workers) {
      EXPECT_TRUE(binding.granted) << binding.why;
      EXPECT_EQ(AffinityOf(binding.thread), CpusOfUnit(scheduler->topology(), binding.asked, unit));
    }
    EXPECT_TRUE(scheduler->Placement().refused.empty());
  }
}

TEST(PlacementReport, WorkersThatWereTakenElsewhereAreBoundAgain) {
  const std::unique_ptr<Scheduler> scheduler = Start({.workers = 2});
  const Topology& machine = scheduler->topology();
  if (machine.pus().size() < 2) GTEST_SKIP() << "one CPU: there is nowhere else to go";
  const Binding first = scheduler->Placement().workers[0];
  ASSERT_EQ(SetAffinity(machine.pus()[1].os_index, first.thread), 0);
  ASSERT_NE(AffinityOf(first.thread), first.cpus);
  const PlacementReport now = scheduler->PlacementNow();
  EXPECT_TRUE(now.workers[0].granted) << now.workers[0].why;
  EXPECT_EQ(AffinityOf(first.thread), first.cpus);
}

TEST(PlacementReport, ListsAreFollowedAndBadOnesRefused) {
  const Topology live = *Topology::FromSpec("live");
  const int last = live.pus().back().os_index;
  const std::unique_ptr<Scheduler> scheduler = Start({.placement = Placement::List({last, last})});
  EXPECT_EQ(scheduler->workers(), 2);
  for (const Binding& binding : scheduler->Placement().workers) {
    EXPECT_EQ(binding.cpus, std::vector<int>{last});
  }
  const absl::Status bad = Scheduler::Create({.placement = Placement::List({1 << 19})}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(bad)) << bad;
}

TEST(PlacementReport, AnotherMachineIsImaginedButNotBound) {
  testing::internal::CaptureStderr();
  const std::unique_ptr<Scheduler> scheduler =
      Start({.workers = 2,
             .topology = std::make_shared<const Topology>(*Topology::FromSpec("numa:2 pu:2"))});
  EXPECT_EQ(scheduler->Placement().refused,
            std::vector<std::string>{
                "2 of 2 workers run where the kernel puts them: not this machine's topology"});
  EXPECT_EQ(scheduler->PlacementNow().refused, scheduler->Placement().refused);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(PlacementReport, WhatTheKernelRefusesIsInTheLogOnce) {
  // Someone takes a thread away and the report is asked for as often as one likes.
  PlacementReport report;
  report.workers.resize(2);
  report.workers[0].granted = true;
  report.workers[1].why = "the kernel refused CPU 6";
  const Topology live = *Topology::FromSpec("live");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) DescribePlacement(live, false, report);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tally: 1 of 2 workers run where the kernel puts them: the kernel refused CPU 6\n");
  EXPECT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.degraded.back(), report.refused[0]);
}

TEST(PlacementReport, ManyWorkersWithAReasonEachAreOneSentence) {
  PlacementReport report;
  report.workers.resize(3);
  report.workers[0].granted = true;
  report.workers[1].why = "the kernel refused CPU 1: no";
  report.workers[2].why = "the kernel refused CPU 2: no";
  testing::internal::CaptureStderr();
  DescribePlacement(*Topology::FromSpec("live"), false, report);
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(report.refused,
            std::vector<std::string>{"2 of 3 workers run where the kernel puts them, the first "
                                     "because the kernel refused CPU 1: no"});
}

}  // namespace
}  // namespace tally
