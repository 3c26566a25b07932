// Each row: a machine, a policy, and the PUs (the kernel's numbers, which are hwloc's logical ones
// in synthetic text) that the first workers get.
#include "numa/placement.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/machine_facts.h"
#include "numa/placement_properties.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"

namespace tally {
namespace {

using Policy = PlacementPolicy;
using Places = std::vector<int>;

constexpr Policy kPolicies[] = {Policy::kCompact, Policy::kScatter, Policy::kRoundRobinNodes,
                                Policy::kOnePerL3, Policy::kCriticalOnPCores};

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

Places Place(const Topology& topology, const Placement& policy, int workers) {
  Places places;
  for (CpuId cpu : PlaceWorkers(topology, policy, workers)) {
    places.push_back(topology.pus()[cpu.index()].os_index);
  }
  return places;
}

struct Row {
  const char* machine;
  Placement placement;
  Places places;
};

TEST(Placement, Table) {
  const Row kTable[] = {
      // Two nodes of two cores of two PUs: 0 1 | 2 3 || 4 5 | 6 7. Cores before siblings.
      {"numa:2 core:2 pu:2", Policy::kCompact, {0, 2, 4, 6, 1, 3, 5, 7}},
      {"numa:2 core:2 pu:2", Policy::kScatter, {0, 4, 2, 6, 1, 5, 3, 7}},
      {"numa:2 core:2 pu:2", Policy::kRoundRobinNodes, {0, 4, 2, 6, 1, 5, 3, 7}},
      // Two packages of two nodes of two L3: scatter goes package, node, L3; round robin nodes.
      {"package:2 numa:2 l3:2 core:1 pu:1", Policy::kScatter, {0, 4, 2, 6, 1, 5, 3, 7}},
      {"package:2 numa:2 l3:2 core:1 pu:1", Policy::kRoundRobinNodes, {0, 2, 4, 6, 1, 3, 5, 7}},
      {"package:2 numa:2 l3:2 core:1 pu:1", Policy::kCompact, {0, 1, 2, 3, 4, 5, 6, 7}},
      // Within one node, scatter takes another L3 first: 0 1 | 2 3.
      {"numa:1 l3:2 core:2 pu:1", Policy::kScatter, {0, 2, 1, 3}},
      {"numa:1 l3:2 core:2 pu:1", Policy::kRoundRobinNodes, {0, 1, 2, 3}},
      // One on each L3, 0 1 | 2 3 || 4 5 | 6 7, before the second core of any.
      {"numa:2 l3:2 core:2 pu:1", Policy::kOnePerL3, {0, 2, 4, 6, 1, 3, 5, 7}},
      {"numa:2 l3:1 core:2 pu:2", Policy::kOnePerL3, {0, 4, 2, 6, 1, 5, 3, 7}},
      {"numa:2 core:2 pu:1", Policy::kOnePerL3, {0, 2, 1, 3}},  // no L3: one per node
      // All cores alike: nothing to prefer.
      {"numa:2 core:2 pu:2", Policy::kCriticalOnPCores, {0, 2, 4, 6, 1, 3, 5, 7}},
      // Lists are taken as they are, again and again.
      {"numa:2 core:2 pu:2", Placement::List({5, 0, 3}), {5, 0, 3, 5, 0, 3, 5}},
      {"pu:4", Placement::List({2, 2}), {2, 2, 2}},
      // More workers than PUs wrap around.
      {"numa:2 core:1 pu:1", Policy::kCompact, {0, 1, 0, 1, 0}},
      {"numa:2 core:1 pu:1", Policy::kRoundRobinNodes, {0, 1, 0, 1, 0}},
      // No cores, no caches: every PU for itself.
      {"numa:2 pu:2", Policy::kRoundRobinNodes, {0, 2, 1, 3}},
      {"pu:1", Policy::kScatter, {0, 0, 0}},
  };
  for (const Row& row : kTable) {
    EXPECT_EQ(Place(Machine(row.machine), row.placement, static_cast<int>(row.places.size())),
              row.places)
        << PlacementName(row.placement) << " on " << row.machine;
  }
}

// The original plan, word for word, wherever nodes are equal.
TEST(Placement, RoundRobinPutsWorkerIOnNodeIModNodes) {
  const Topology machine = Machine("package:2 numa:2 core:4 pu:2");
  const std::vector<CpuId> places = PlaceWorkers(machine, Policy::kRoundRobinNodes, 100);
  for (size_t worker = 0; worker < places.size(); ++worker) {
    EXPECT_EQ(machine.pus()[places[worker].index()].node.index(), worker % 4) << worker;
  }
}

// A machine in three lines: which PU is on which node (-1: none) and whether it is allowed.
Topology Uneven(const std::vector<int>& nodes_of_pus, int nodes, std::set<size_t> disallowed = {}) {
  MachineFacts facts;
  for (int n = 0; n < nodes; ++n) {
    facts.nodes.push_back({.os_index = 10 * n, .memory_bytes = 1});  // sparse numbers
  }
  for (size_t pu = 0; pu < nodes_of_pus.size(); ++pu) {
    facts.pus.push_back({.os_index = static_cast<int>(pu), .allowed = !disallowed.contains(pu)});
    if (nodes_of_pus[pu] >= 0) facts.nodes[nodes_of_pus[pu]].near_pus.push_back(pu);
  }
  return *TopologyBuilder::Build(facts, {.include_disallowed = true});
}

// Kinds of cores: PUs 0 and 1 are low power, 2 to 4 efficient, 5 to 8 two P-cores of two PUs each.
Topology Hybrid() {
  MachineFacts facts;
  facts.kinds = {{.efficiency = 0, .core_type = "IntelAtom"},
                 {.efficiency = 1, .core_type = "IntelAtom"},
                 {.efficiency = 2, .core_type = "IntelCore"}};
  const int kinds[] = {0, 0, 1, 1, 1, 2, 2, 2, 2};
  const int cores[] = {0, 1, 2, 3, 4, 5, 5, 6, 6};
  for (int pu = 0; pu < 9; ++pu) {
    facts.pus.push_back({.os_index = pu, .core = cores[pu], .kind = kinds[pu]});
  }
  return *TopologyBuilder::Build(facts, {});
}

TEST(Placement, NodesThatHaveRunOutArePassedOver) {
  EXPECT_EQ(Place(Uneven({0, 1, 1, 1}, 2), Policy::kRoundRobinNodes, 5), (Places{0, 1, 2, 3, 0}));
}

TEST(Placement, NodesWithoutCpusArePassedOver) {
  EXPECT_EQ(Place(Uneven({0, 0, 2, 2}, 3), Policy::kRoundRobinNodes, 4), (Places{0, 2, 1, 3}));
}

TEST(Placement, PusWithoutANodeComeLastButCome) {
  const Topology machine = Uneven({-1, 0, -1, 1}, 2);
  EXPECT_EQ(Place(machine, Policy::kRoundRobinNodes, 4), (Places{1, 3, 0, 2}));
  EXPECT_EQ(Place(machine, Policy::kCompact, 4), (Places{1, 3, 0, 2}));
  EXPECT_EQ(Place(machine, Policy::kScatter, 4), (Places{1, 3, 0, 2}));
}

TEST(Placement, OnlyPusWithoutANode) {
  for (Policy policy : kPolicies) {
    EXPECT_EQ(Place(Uneven({-1, -1}, 1), policy, 3), (Places{0, 1, 0}));
  }
}

TEST(Placement, NobodyIsSentWhereItMayNotRun) {
  for (Policy policy : kPolicies) {
    EXPECT_EQ(Place(Uneven({0, 0, 1, 1}, 2, {0, 3}), policy, 3), (Places{1, 2, 1}));
  }
}

// What the header promises, for every policy, on machines of all shapes.
TEST(Placement, EveryPolicyMeansWhatItSays) {
  std::vector<Topology> machines = {Hybrid(), Uneven({0, 1, 1, 1}, 2), Uneven({-1, 0, -1, 2}, 3),
                                    Uneven({0, 0, 1, 1, -1, 1}, 2, {0, 3})};
  for (const char* spec : {"package:2 numa:2 l3:2 core:3 pu:2", "numa:3 core:2 pu:4", "pu:5",
                           "numa:2 l3:3 l2:2 pu:3"}) {
    machines.push_back(Machine(spec));
  }
  for (const Topology& machine : machines) {
    for (Policy policy : kPolicies) {
      for (int workers : {1, 2, 3, 7, 24, 100}) {
        EXPECT_EQ(BrokenPlacement(machine, policy, PlaceWorkers(machine, policy, workers)), "")
            << PlacementName(policy) << " of " << workers << " on " << machine.Summary();
      }
    }
  }
}

// The checker is not easily pleased: each policy's placement is wrong for the others somewhere.
TEST(Placement, TheCheckerTellsPoliciesApart) {
  const Topology machine = Machine("package:2 numa:2 l3:2 core:2 pu:2");
  for (Policy made : kPolicies) {
    const std::vector<CpuId> placed = PlaceWorkers(machine, made, 16);
    for (Policy checked : kPolicies) {
      const bool same = PlaceWorkers(machine, checked, 16) == placed;
      EXPECT_EQ(BrokenPlacement(machine, checked, placed).empty(), same)
          << PlacementName(made) << " as " << PlacementName(checked);
    }
  }
  std::vector<CpuId> swapped = PlaceWorkers(machine, Policy::kCompact, 32);
  std::swap(swapped[3], swapped[4]);
  EXPECT_NE(BrokenPlacement(machine, Policy::kCompact, swapped), "");
}

TEST(Placement, ScatterSpreadsOverPackagesThenNodes) {
  const Topology machine = Machine("package:4 numa:2 l3:2 core:4 pu:2");
  const std::vector<CpuId> places = PlaceWorkers(machine, Policy::kScatter, 8);
  std::set<PackageId> packages;
  std::set<NodeId> nodes;
  for (int worker = 0; worker < 8; ++worker) {
    const Pu& pu = machine.pus()[places[worker].index()];
    if (worker < 4) packages.insert(pu.package);
    nodes.insert(pu.node);
  }
  EXPECT_EQ(packages.size(), 4u);
  EXPECT_EQ(nodes.size(), 8u);
}

TEST(Placement, CriticalTasksFindTheFirstWorkersOnPCores) {
  EXPECT_EQ(Place(Hybrid(), Policy::kCriticalOnPCores, 9), (Places{5, 7, 2, 3, 4, 6, 8, 0, 1}));
}

TEST(Placement, LowPowerCoresAreTheLastResort) {
  EXPECT_EQ(Place(Hybrid(), Policy::kCompact, 9), (Places{2, 3, 4, 5, 7, 6, 8, 0, 1}));
  EXPECT_EQ(Place(Hybrid(), Policy::kScatter, 9), (Places{2, 3, 4, 5, 7, 6, 8, 0, 1}));
}

TEST(Placement, AListThatCannotBeIsAnsweredWithWhatToType) {
  const Topology machine = Uneven({0, 0, 1, 1}, 2, {0});
  EXPECT_TRUE(CheckPlacement(machine, Placement::List({3, 1})).ok());
  const struct {
    Placement placement;
    const char* says;
  } kTable[] = {
      {Placement::List({}), "lists no CPU: type list: with some of 1-3, or one of compact, "},
      {Placement::List({1, 4}), "lists CPU 4, which this machine lacks or"},
      {Placement::List({0}), "lists CPU 0, which this machine lacks or this process may not use"},
  };
  for (const auto& bad : kTable) {
    const absl::Status status = CheckPlacement(machine, bad.placement);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_NE(std::string(status.message()).find(bad.says), std::string::npos) << status;
  }
}

TEST(Placement, NamesGoBothWays) {
  for (Policy policy : kPolicies) EXPECT_EQ(*ParsePlacement(PlacementName(policy)), policy);
  for (const char* list : {"list:0,2,4", "list:7,3-5,3", "list:0-63"}) {
    EXPECT_EQ(PlacementName(*ParsePlacement(list)), list);
  }
  EXPECT_EQ(*ParsePlacement("list:2,0-1"), Placement::List({2, 0, 1}));
}

TEST(Placement, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  EXPECT_EQ(ParsePlacement("fast").status().message(),
            "there is no placement \"fast\": type one of compact, scatter, round-robin, "
            "one-per-l3, critical-on-p, list:0,2,4");
  for (const char* list : {"list", "list:", "list:x", "list:-1", "list:0-99999"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePlacement(list).status())) << list;
  }
}

}  // namespace
}  // namespace tally
