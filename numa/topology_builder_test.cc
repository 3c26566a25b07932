// Machines that nobody has, written down as facts.
#include "numa/topology_builder.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/ids.h"

namespace tally {
namespace {

// PUs 0..n-1, each a core of its own, in one package.
MachineFacts Pus(int count) {
  MachineFacts facts;
  for (int i = 0; i < count; ++i) {
    facts.pus.push_back({.os_index = i, .core = i, .package = 0});
  }
  return facts;
}

MachineFacts::NodeFacts NodeNear(int os_index, std::vector<size_t> near_pus) {
  MachineFacts::NodeFacts node;
  node.os_index = os_index;
  node.memory_bytes = 1 << 30;
  node.package = 0;
  node.near_pus = std::move(near_pus);
  return node;
}

Topology Build(const MachineFacts& facts, TopologyOptions options = {}) {
  absl::StatusOr<Topology> topology = TopologyBuilder::Build(facts, options);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

// The kernel's number of the home of each PU; -1 for none.
std::vector<int> Homes(const Topology& topology) {
  std::vector<int> homes;
  for (const Pu& pu : topology.pus()) {
    homes.push_back(pu.node.valid() ? topology.nodes()[pu.node.index()].os_index : -1);
  }
  return homes;
}

bool Says(const Topology& topology, const std::string& words) {
  for (const std::string& note : topology.degraded()) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

TEST(HomeNode, IsTheOnlyNodeNearby) {
  MachineFacts facts = Pus(4);
  facts.nodes = {NodeNear(3, {0, 1}), NodeNear(7, {2, 3})};
  EXPECT_EQ(Homes(Build(facts)), (std::vector<int>{3, 3, 7, 7}));
}

TEST(HomeNode, OfSeveralIsTheSmallest) {
  // Node 0 has only memory and hangs on all CPUs; it comes first and has the lowest number.
  MachineFacts facts = Pus(4);
  facts.nodes = {NodeNear(0, {0, 1, 2, 3}), NodeNear(1, {0, 1}), NodeNear(2, {2, 3})};
  const Topology machine = Build(facts);
  EXPECT_EQ(Homes(machine), (std::vector<int>{1, 1, 2, 2}));
  EXPECT_TRUE(machine.nodes()[0].cpus.empty());
  EXPECT_TRUE(Says(machine, "Node 0: memory but no CPUs"));
}

TEST(HomeNode, IsOrdinaryMemoryEvenIfHbmComesFirst) {
  MachineFacts facts = Pus(2);
  facts.nodes = {NodeNear(0, {0, 1}), NodeNear(4, {0, 1})};
  facts.nodes[0].special = true;
  EXPECT_EQ(Homes(Build(facts)), (std::vector<int>{4, 4}));
}

TEST(HomeNode, HasMemory) {
  MachineFacts facts = Pus(2);
  facts.nodes = {NodeNear(0, {0, 1}), NodeNear(5, {0, 1})};
  facts.nodes[0].memory_bytes = 0;
  EXPECT_EQ(Homes(Build(facts)), (std::vector<int>{5, 5}));
}

TEST(HomeNode, AmongEqualsIsTheLowestNumber) {
  MachineFacts facts = Pus(2);
  facts.nodes = {NodeNear(7, {0, 1}), NodeNear(1, {0, 1})};
  EXPECT_EQ(Homes(Build(facts)), (std::vector<int>{1, 1}));
}

TEST(HomeNode, IsWhatTheKernelSaysAgainstAllGuesses) {
  MachineFacts facts = Pus(2);
  facts.nodes = {NodeNear(0, {0, 1}), NodeNear(1, {0, 1})};
  facts.kernel_home = {{0, 1}, {1, 1}};
  EXPECT_EQ(Homes(Build(facts)), (std::vector<int>{1, 1}));
}

TEST(HomeNode, IsNoneForAPuWhoseNodeIsHidden) {
  MachineFacts facts = Pus(3);
  facts.nodes = {NodeNear(0, {0, 1})};
  const Topology machine = Build(facts);
  EXPECT_EQ(Homes(machine), (std::vector<int>{0, 0, -1}));
  EXPECT_TRUE(Says(machine, "1 of 3 PUs have no NUMA node"));
}

TEST(TopologyBuilder, NumbersGroupsDenselyInOrder) {
  MachineFacts facts = Pus(3);
  facts.pus[0].l3 = 9;
  facts.pus[1].l3 = 4;
  facts.pus[2].l3 = -1;
  facts.pus[2].package = 6;
  const Topology machine = Build(facts);
  EXPECT_EQ(machine.l3_groups(), 2);
  EXPECT_EQ(machine.pus()[0].l3, L3Id(1));
  EXPECT_EQ(machine.pus()[1].l3, L3Id(0));
  EXPECT_EQ(machine.pus()[2].l3, L3Id());
  EXPECT_EQ(machine.pus()[2].package, PackageId(1));
  EXPECT_EQ(machine.packages(), 2);
}

TEST(TopologyBuilder, WhatIsNotAllowedIsLeftOutUnlessAskedFor) {
  MachineFacts facts = Pus(4);
  facts.pus[0].allowed = facts.pus[1].allowed = false;
  facts.nodes = {NodeNear(0, {0, 1}), NodeNear(1, {2, 3})};
  facts.nodes[0].allowed = false;
  facts.distances = {{10, 21, 21, 10}};

  const Topology machine = Build(facts);
  EXPECT_EQ(Homes(machine), (std::vector<int>{1, 1}));
  EXPECT_EQ(machine.cores(), 2);
  EXPECT_FALSE(machine.has_distances());
  EXPECT_TRUE(Says(machine, "2 of 4 PUs may be used"));

  const Topology whole = Build(facts, {.include_disallowed = true});
  EXPECT_EQ(Homes(whole), (std::vector<int>{0, 0, 1, 1}));
  EXPECT_FALSE(whole.pus()[0].allowed);
  EXPECT_TRUE(whole.pus()[2].allowed);
  EXPECT_EQ(whole.NodeDistance(NodeId(0), NodeId(1)), 21);
  EXPECT_TRUE(Says(whole, "Node 0: this process may not use that memory"));
}

TEST(TopologyBuilder, SaysWhoKeepsPusFromThisProcess) {
  MachineFacts facts = Pus(4);
  facts.nodes = {NodeNear(0, {0, 1, 2, 3})};
  facts.pus_in_all = 8;
  EXPECT_TRUE(Says(Build(facts),
                   "4 of 8 PUs may be used: the others were offline, or kept by a "
                   "cgroup from who described this machine."));
  facts.is_this_machine = true;
  facts.pus_offline = 1;
  facts.pus_outside_cpuset = 2;
  facts.pus_outside_mask = 1;
  EXPECT_TRUE(Says(Build(facts),
                   "4 of 8 PUs may be used: 1 is offline, 2 are outside of this process's cpuset "
                   "(a cgroup's), 1 is outside of its affinity mask (taskset?)."));
}

TEST(TopologyBuilder, RefusesContradictions) {
  EXPECT_TRUE(absl::IsInvalidArgument(TopologyBuilder::Build({}, {}).status()));

  MachineFacts twice = Pus(2);
  twice.pus[1].os_index = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(TopologyBuilder::Build(twice, {}).status()));

  MachineFacts numberless = Pus(1);
  numberless.nodes = {NodeNear(-1, {0})};
  EXPECT_TRUE(absl::IsInvalidArgument(TopologyBuilder::Build(numberless, {}).status()));

  MachineFacts nobody = Pus(1);
  nobody.pus[0].allowed = false;
  EXPECT_TRUE(absl::IsInvalidArgument(TopologyBuilder::Build(nobody, {}).status()));
}

TEST(TopologyBuilder, ManyNodesAreNotListedForever) {
  MachineFacts facts = Pus(1);
  for (int node = 0; node < 12; ++node) facts.nodes.push_back(NodeNear(node, {}));
  EXPECT_TRUE(Says(Build(facts), "Nodes 0, 1, 2, 3, 4, 5, 6, 7 and 4 more: memory but"));
}

}  // namespace
}  // namespace tally
