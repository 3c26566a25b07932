// Topology from synthetic text: small machines, written down in the test.
#include "numa/topology.h"

#include <string>

#include "gtest/gtest.h"
#include "numa/ids.h"

namespace tally {
namespace {

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

TEST(Topology, SyntheticMachineHasWhatItsTextSays) {
  const Topology machine = Machine("package:2 numa:2 l3:2 l2:2 core:2 pu:2");
  EXPECT_EQ(machine.packages(), 2);
  EXPECT_EQ(machine.nodes().size(), 4u);
  EXPECT_EQ(machine.l3_groups(), 8);
  EXPECT_EQ(machine.l2_groups(), 16);
  EXPECT_EQ(machine.cores(), 32);
  EXPECT_EQ(machine.pus().size(), 64u);
  EXPECT_FALSE(machine.is_this_machine());
  EXPECT_EQ(machine.spec(), "package:2 numa:2 l3:2 l2:2 core:2 pu:2");
  EXPECT_EQ(machine.Summary(), "2 packages, 4 nodes, 8 L3, 32 cores, 64 PUs");
}

TEST(Topology, EveryPuOfASyntheticMachineIsOnTheNodeAboveIt) {
  const Topology machine = Machine("package:2 numa:2 core:3 pu:2");
  for (size_t pu = 0; pu < machine.pus().size(); ++pu) {
    EXPECT_EQ(machine.pus()[pu].node, NodeId(static_cast<int>(pu / 6)));
    EXPECT_EQ(machine.pus()[pu].core, CoreId(static_cast<int>(pu / 2)));
    EXPECT_EQ(machine.pus()[pu].package, PackageId(static_cast<int>(pu / 12)));
  }
  EXPECT_EQ(machine.nodes()[3].cpus.front(), CpuId(18));
  EXPECT_EQ(machine.nodes()[3].cpus.size(), 6u);
  EXPECT_EQ(machine.nodes()[3].package, PackageId(1));
}

TEST(Topology, ProximityCountsOutwards) {
  const Topology machine = Machine("package:2 numa:2 l3:2 l2:2 core:2 pu:2");
  const auto of_first = [&](int other) { return machine.ProximityOf(CpuId(0), CpuId(other)); };
  EXPECT_EQ(of_first(0), Proximity::kSelf);
  EXPECT_EQ(of_first(1), Proximity::kSmt);
  EXPECT_EQ(of_first(2), Proximity::kL2);
  EXPECT_EQ(of_first(4), Proximity::kL3);
  EXPECT_EQ(of_first(8), Proximity::kNode);
  EXPECT_EQ(of_first(16), Proximity::kPackage);
  EXPECT_EQ(of_first(32), Proximity::kRemote);
}

TEST(Topology, WithoutADistanceMatrixOtherNodesAreEquallyFarAndItSaysSo) {
  const Topology machine = Machine("numa:3 core:1 pu:1");
  EXPECT_FALSE(machine.has_distances());
  EXPECT_EQ(machine.NodeDistance(NodeId(1), NodeId(1)), 10);
  EXPECT_EQ(machine.NodeDistance(NodeId(0), NodeId(2)), 20);
  ASSERT_FALSE(machine.degraded().empty());
  EXPECT_NE(machine.degraded()[0].find("No distances"), std::string::npos);
}

TEST(Topology, LiveIsThisMachine) {
  const Topology machine = Machine("live");
  EXPECT_GE(machine.pus().size(), 1u);
  EXPECT_GE(machine.nodes().size(), 1u);
  EXPECT_TRUE(machine.is_this_machine());
}

}  // namespace
}  // namespace tally
