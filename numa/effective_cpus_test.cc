#include "numa/effective_cpus.h"

#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "numa/cpu_list.h"
#include "numa/fake_files.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"

namespace tally {
namespace {

const char kMounts[] = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

// What a scheduler gets on this machine if it says nothing; `quota_us` in 100 ms, 0: none.
std::string Workers(const Topology& machine, int64_t quota_us = 0,
                    const Placement& placement = {}) {
  EffectiveCpus effective = ReadEffectiveCpus(machine);
  if (quota_us > 0) effective.quota = CpuQuota{quota_us, 100'000, "/f"};
  const WorkerCount count = DefaultWorkers(machine, effective, placement);
  return std::to_string(count.workers) + ": " + count.why;
}

TEST(DefaultWorkers, AreOnePerPhysicalCore) {
  EXPECT_EQ(Workers(Machine("numa:2 core:4 pu:2")), "8: one for each of 8 cores (of 16 PUs)");
  EXPECT_EQ(Workers(Machine("numa:2 core:4 pu:1")), "8: one for each of 8 cores");
  EXPECT_EQ(Workers(Machine("pu:1")), "1: one for the only core");
  EXPECT_EQ(Workers(Machine("numa:2 pu:3")), "6: one for each of 6 cores");  // no cores described
}

TEST(DefaultWorkers, AreNoMoreThanTheQuotaHasCpus) {
  const Topology machine = Machine("core:8 pu:2");
  EXPECT_EQ(Workers(machine, 250'000),
            "3: one for each of 8 cores (of 16 PUs); at most 3, for the cgroup leaves 2.50 CPUs, "
            "says /f");
  EXPECT_EQ(Workers(machine, 1000).substr(0, 2), "1:");
  EXPECT_EQ(Workers(machine, 800'000), "8: one for each of 8 cores (of 16 PUs)");
  EXPECT_EQ(Workers(machine, 1'600'000), "8: one for each of 8 cores (of 16 PUs)");
}

TEST(DefaultWorkers, OfSomePlacementsAreTheirOwn) {
  const Topology machine = Machine("numa:2 l3:4 core:4 pu:2");
  EXPECT_EQ(Workers(machine, 0, PlacementPolicy::kOnePerL3), "8: one for each of 8 L3s");
  EXPECT_EQ(Workers(machine, 300'000, PlacementPolicy::kOnePerL3).substr(0, 2), "3:");
  EXPECT_EQ(Workers(Machine("numa:3 core:2 pu:1"), 0, PlacementPolicy::kOnePerL3),
            "3: one for each of 3 L3s");
  EXPECT_EQ(Workers(machine, 0, Placement::List({3, 1, 3})),
            "3: one for each of 3 CPUs of the list");
}

// Two low-power cores, two efficient, two performance cores of two PUs.
MachineFacts Laptop() {
  MachineFacts facts;
  facts.kinds = {{.efficiency = 0, .core_type = "IntelAtom"},
                 {.efficiency = 1, .core_type = "IntelAtom"},
                 {.efficiency = 2, .core_type = "IntelCore"}};
  const int kinds[] = {0, 0, 1, 1, 2, 2, 2, 2};
  const int cores[] = {0, 1, 2, 3, 4, 4, 5, 5};
  for (int pu = 0; pu < 8; ++pu) {
    facts.pus.push_back({.os_index = pu, .core = cores[pu], .kind = kinds[pu]});
  }
  return facts;
}

TEST(DefaultWorkers, LeaveLowPowerCoresAloneUnlessThereAreNoOthers) {
  MachineFacts facts = Laptop();
  EXPECT_EQ(Workers(*TopologyBuilder::Build(facts, {})),
            "4: one for each of 4 cores (of 6 PUs); 2 low-power cores are left out");
  for (size_t pu = 2; pu < facts.pus.size(); ++pu) facts.pus[pu].allowed = false;
  EXPECT_EQ(Workers(*TopologyBuilder::Build(facts, {})), "2: one for each of 2 cores");
}

TEST(EffectiveCpus, AreTheAllowedOnesOfAnotherMachine) {
  MachineFacts facts = Laptop();
  facts.pus[1].allowed = facts.pus[5].allowed = false;
  const Topology machine = *TopologyBuilder::Build(facts, {.include_disallowed = true});
  const EffectiveCpus effective = ReadEffectiveCpus(machine);
  EXPECT_EQ(effective.cpus.size(), 6u);
  EXPECT_EQ(effective.quota, std::nullopt);
}

// The main thread's mask counts, so this test runs in the main thread and puts it back.
TEST(EffectiveCpus, FollowTheMaskAndTheQuotaWhileTheProgramRuns) {
  const Topology live = Machine("live");
  FakeFiles files("watch");
  files.Write("/proc/self/cgroup", "0::/job\n");
  files.Write("/proc/self/mountinfo", kMounts);
  EffectiveCpusWatch watch(live, files.root());
  EXPECT_EQ(watch.Now().quota, std::nullopt);
  EXPECT_EQ(watch.Now().cpus.size(), AffinityOf(getpid()).size());
  EXPECT_EQ(watch.Poll(), std::nullopt);

  files.Write("/sys/fs/cgroup/job/cpu.max", "50000 100000\n");
  std::optional<EffectiveCpus> changed = watch.Poll();
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->quota->Cpus(), 1);
  EXPECT_EQ(DefaultWorkers(live, *changed, {}).workers, 1);
  EXPECT_EQ(watch.Poll(), std::nullopt);

  const std::vector<int> before = AffinityOf(0);
  if (before.size() < 2) GTEST_SKIP() << "one CPU: its mask cannot become smaller";
  ASSERT_EQ(SetAffinity(before.back()), 0);
  changed = watch.Poll();
  ASSERT_EQ(SetAffinity(before), 0);
  ASSERT_TRUE(changed.has_value());
  ASSERT_EQ(changed->cpus.size(), 1u);
  EXPECT_EQ(live.pus()[changed->cpus[0].index()].os_index, before.back());
  EXPECT_TRUE(watch.Poll().has_value());
  EXPECT_EQ(AffinityOf(0), before);
}

// What a bound worker may use is not what the process may use.
TEST(EffectiveCpus, AreTheProcessesNotTheCallersOwn) {
  const Topology live = Machine("live");
  const EffectiveCpus before = ReadEffectiveCpus(live);
  std::thread([&] {
    ASSERT_EQ(SetAffinity(AffinityOf(0).front()), 0);
    EXPECT_EQ(ReadEffectiveCpus(live).cpus, before.cpus);
  }).join();
}

std::vector<CpuId> Ids(std::initializer_list<int> numbers) {
  std::vector<CpuId> ids;
  for (const int number : numbers) ids.push_back(CpuId(number));
  return ids;
}

TEST(DescribeChange, Table) {
  const EffectiveCpus eight = {Ids({0, 1, 2, 3, 4, 5, 6, 7}), std::nullopt, {0, 1, 2, 3}};
  const EffectiveCpus two = {Ids({2, 3}), std::nullopt, {1}};
  EXPECT_EQ(DescribeChange(eight, eight), "");
  EXPECT_EQ(DescribeChange(eight, two), "CPUs from 8 to 2, memory nodes from 0-3 to 1");
  EXPECT_EQ(DescribeChange(two, {Ids({4, 5}), std::nullopt, {1}}), "other CPUs, 2 as before");
  EXPECT_EQ(DescribeChange(two, {two.cpus, CpuQuota{150, 100, "/a/cpu.max"}, {}}),
            "CPU quota from none to 1.50 CPUs, says /a/cpu.max, memory nodes from 1 to unknown");
}

}  // namespace
}  // namespace tally
