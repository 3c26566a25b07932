// Where the workers of real schedulers are, by their own report and by the kernel's word.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
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
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"
#include "numa/node_buffer.h"
#include "numa/page_homes.h"
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

// Until `holds()`, or for so long that it never will.
template <class F>
bool Eventually(const F& holds) {
  for (int i = 0; i < 10'000; ++i) {
    if (holds()) return true;
    usleep(1'000);
  }
  return false;
}

constexpr Nanos kOften = 1'000'000;

TEST(PlacementReport, WorkersThatWereTakenElsewhereReturnByThemselves) {
  const std::unique_ptr<Scheduler> scheduler = Start({.workers = 2, .recheck_interval_ns = kOften});
  const Topology& machine = scheduler->topology();
  if (machine.pus().size() < 2) GTEST_SKIP() << "one CPU: there is nowhere else to go";
  const Binding first = scheduler->Placement().workers[0];
  const KeepHot awake(*scheduler);  // or nobody looks
  ASSERT_EQ(SetAffinity(machine.pus()[1].os_index, first.thread), 0);
  EXPECT_TRUE(Eventually([&] { return AffinityOf(first.thread) == first.cpus; }));
}

TEST(PlacementReport, MemoryThatTheCpusetTookAwayIsSaidAndReturnsByItself) {
  const Topology nodes = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  const NodeBuffer buffer =
      *NodeBuffer::Create(nodes, 40'000, {MemoryMode::kPreferred, {NodeId(1)}}, kernel);
  std::memset(buffer.data(), 1, buffer.size());
  const auto on_its_node = [&] {
    return ResidenceOf(nodes, buffer.data(), buffer.size(), kernel).on_node[1];
  };
  ASSERT_EQ(on_its_node(), 10u);
  const std::unique_ptr<Scheduler> scheduler = Start({.workers = 1, .recheck_interval_ns = kOften});
  const KeepHot awake(*scheduler);  // or nobody looks
  const size_t quiet = scheduler->Placement().degraded.size();
  testing::internal::CaptureStderr();
  kernel.ChangeCpuset({0});
  EXPECT_TRUE(Eventually([&] { return !scheduler->Placement().lost_memory.empty(); }));
  const PlacementReport lost = scheduler->Placement();
  EXPECT_EQ(lost.lost_memory,
            "Since this process's memory nodes have changed, 1 memory binding is not as asked: the "
            "cpuset of this process does not allow node 1.");
  EXPECT_EQ(lost.degraded.size(), quiet + 1);
  EXPECT_EQ(std::count(lost.degraded.begin(), lost.degraded.end(), lost.lost_memory), 1);
  EXPECT_EQ(on_its_node(), 0u);
  kernel.ChangeCpuset({0, 1});
  EXPECT_TRUE(Eventually([&] { return scheduler->Placement().lost_memory.empty(); }));
  EXPECT_EQ(on_its_node(), 10u);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tally: " + lost.lost_memory + "\n");
}

// The switches of the thread of this name, so far; -1 if there is none.
int64_t SwitchesOf(const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string line;
    std::getline(std::ifstream(task.path() / "comm"), line);
    if (line != name) continue;
    std::ifstream status(task.path() / "status");
    while (std::getline(status, line)) {
      constexpr char kKey[] = "voluntary_ctxt_switches:";
      if (line.rfind(kKey, 0) == 0) return std::atoll(line.c_str() + sizeof kKey - 1);
    }
  }
  return -1;
}

TEST(PlacementReport, NobodyLooksWhileAllSleep) {
  const std::unique_ptr<Scheduler> scheduler = Start({.workers = 2, .recheck_interval_ns = kOften});
  const auto rests = [] {
    const int64_t before = SwitchesOf("tally-machine");
    usleep(50'000);  // fifty looks
    return before >= 0 && SwitchesOf("tally-machine") == before;
  };
  EXPECT_TRUE(Eventually(rests));
  const int64_t before = SwitchesOf("tally-machine");
  {
    const KeepHot awake(*scheduler);
    EXPECT_TRUE(Eventually([&] { return SwitchesOf("tally-machine") > before + 3; }));
  }
  EXPECT_TRUE(Eventually(rests));
}

TEST(PlacementReport, NobodyLooksAtAMachineThatIsNotThisOneOrIfNotAskedTo) {
  const std::unique_ptr<Scheduler> never = Start({.workers = 1, .recheck_interval_ns = 0});
  const std::unique_ptr<Scheduler> imagined = Start(
      {.workers = 1, .topology = std::make_shared<const Topology>(*Topology::FromSpec("pu:2"))});
  EXPECT_EQ(SwitchesOf("tally-machine"), -1);
}

TEST(PlacementReport, WhatThisProcessMayUseHasChanged) {
  const Topology live = *Topology::FromSpec("live");
  PlacementReport at_start;
  at_start.workers.resize(3);
  for (Binding& binding : at_start.workers) binding.granted = true;
  at_start.effective = ReadEffectiveCpus(live);
  EXPECT_TRUE(CheckPlacementNow(live, at_start).refused.empty());
  const size_t quiet = CheckPlacementNow(live, at_start).degraded.size();
  at_start.effective.cpus.push_back(CpuId(4'000));
  testing::internal::CaptureStderr();
  const PlacementReport now = CheckPlacementNow(live, at_start);
  const std::string said = testing::internal::GetCapturedStderr();
  ASSERT_EQ(now.degraded.size(), quiet + 1);
  EXPECT_EQ(now.degraded.back().rfind("Since the 3 workers started, what this process may use has "
                                      "changed: CPUs from ",
                                      0),
            0u)
      << now.degraded.back();
  EXPECT_NE(now.degraded.back().find(". This scheduler keeps its workers: create another for as "
                                     "many as fit now."),
            std::string::npos)
      << now.degraded.back();
  EXPECT_EQ(said, "tally: " + now.degraded.back() + "\n");
  // Other memory, but the same CPUs: another scheduler would not have more workers or fewer.
  at_start.effective = ReadEffectiveCpus(live);
  at_start.effective.memory_nodes = {0, 7};
  EXPECT_EQ(CheckPlacementNow(live, at_start).degraded.back().find("keeps its workers"),
            std::string::npos);
}

TEST(PlacementReport, UnlessAskedWorkersAreBoundToTheirL3) {
  const std::unique_ptr<Scheduler> scheduler = Start({.workers = 2});
  for (const Binding& binding : scheduler->Placement().workers) {
    EXPECT_EQ(AffinityOf(binding.thread),
              CpusOfUnit(scheduler->topology(), binding.asked, BindingUnit::kL3));
  }
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
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tally: " + scheduler->Placement().refused[0] + "\n");
}

TEST(PlacementReport, WhoAsksForNodesWhereThereIsOneHearsItOnce) {
  const std::shared_ptr<const Topology> live =
      std::make_shared<const Topology>(*Topology::FromSpec("live"));
  if (live->nodes().size() != 1) GTEST_SKIP() << "there are several";
  testing::internal::CaptureStderr();
  for (int i = 0; i < 2; ++i) {
    const std::unique_ptr<Scheduler> scheduler =
        Start({.workers = 2, .topology = live, .placement = PlacementPolicy::kRoundRobinNodes});
    const std::vector<std::string>& degraded = scheduler->Placement().degraded;
    EXPECT_EQ(std::count(degraded.begin(), degraded.end(), kOneNode), 1);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), std::string("tally: ") + kOneNode + "\n");
}

// After the one above: this, too, asks for nodes.
TEST(PlacementReport, WhereThePlacementNamesTheCpuWorkersAreBoundToIt) {
  const std::unique_ptr<Scheduler> scheduler =
      Start({.workers = 2, .placement = PlacementPolicy::kRoundRobinNodes});
  for (const Binding& binding : scheduler->Placement().workers) {
    EXPECT_EQ(AffinityOf(binding.thread),
              CpusOfUnit(scheduler->topology(), binding.asked, BindingUnit::kPu));
  }
}

TEST(PlacementReport, MemoryThatIsRefusedIsSaidWithItsReason) {
  PlacementReport report;
  report.memory = {"Memory cannot be placed on the kernel's node 0-3: no."};
  testing::internal::CaptureStderr();
  for (int i = 0; i < 2; ++i) DescribePlacement(*Topology::FromSpec("live"), false, report);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tally: " + report.memory[0] + "\n");
  EXPECT_EQ(std::count(report.degraded.begin(), report.degraded.end(), report.memory[0]), 1);
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
