// Each row: a machine, a policy, and the PUs (the kernel's numbers, which are hwloc's logical ones
// in synthetic text) that the first workers get.
#include "numa/placement.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"

namespace tally {
namespace {

using Policy = PlacementPolicy;
using Places = std::vector<int>;

constexpr Policy kPolicies[] = {Policy::kCompact, Policy::kScatter, Policy::kRoundRobinNodes};

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

Places Place(const Topology& topology, Policy policy, int workers) {
  Places places;
  for (CpuId cpu : PlaceWorkers(topology, policy, workers)) {
    places.push_back(topology.pus()[cpu.index()].os_index);
  }
  return places;
}

struct Row {
  const char* machine;
  Policy policy;
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
      // More workers than PUs wrap around.
      {"numa:2 core:1 pu:1", Policy::kCompact, {0, 1, 0, 1, 0}},
      {"numa:2 core:1 pu:1", Policy::kRoundRobinNodes, {0, 1, 0, 1, 0}},
      // No cores, no caches: every PU for itself.
      {"numa:2 pu:2", Policy::kRoundRobinNodes, {0, 2, 1, 3}},
      {"pu:1", Policy::kScatter, {0, 0, 0}},
  };
  for (const Row& row : kTable) {
    EXPECT_EQ(Place(Machine(row.machine), row.policy, static_cast<int>(row.places.size())),
              row.places)
        << PlacementPolicyName(row.policy) << " on " << row.machine;
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
TEST(Placement, EveryPuOnceBeforeAnyTwiceAndEveryCoreBeforeASibling) {
  for (const char* spec : {"package:2 numa:2 l3:2 core:3 pu:2", "numa:3 core:2 pu:4", "pu:5"}) {
    const Topology machine = Machine(spec);
    const int pus = static_cast<int>(machine.pus().size());
    const size_t cores = std::max(1, machine.cores());
    for (Policy policy : kPolicies) {
      const std::vector<CpuId> places = PlaceWorkers(machine, policy, 3 * pus);
      for (int lap = 0; lap < 3; ++lap) {
        const auto begin = places.begin() + lap * pus;
        EXPECT_EQ(std::set<CpuId>(begin, begin + pus).size(), machine.pus().size());
        std::set<CoreId> first;
        std::for_each(begin, begin + cores,
                      [&](CpuId cpu) { first.insert(machine.pus()[cpu.index()].core); });
        EXPECT_EQ(first.size(), cores) << spec;
      }
    }
  }
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

TEST(PlacementPolicy, NamesGoBothWays) {
  for (Policy policy : kPolicies) {
    EXPECT_EQ(*ParsePlacementPolicy(PlacementPolicyName(policy)), policy);
  }
}

TEST(PlacementPolicy, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  const absl::Status status = ParsePlacementPolicy("fast").status();
  EXPECT_EQ(status.message(),
            "there is no placement \"fast\": type one of compact, scatter, round-robin");
}

}  // namespace
}  // namespace tally
