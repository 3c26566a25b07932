// Topology from synthetic text: small machines, written down in the test.
#include "numa/topology.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "numa/ids.h"

namespace tally {
namespace {

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

bool Says(const Topology& topology, const std::string& words) {
  for (const std::string& note : topology.degraded()) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
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
  EXPECT_TRUE(Says(machine, "No distances between nodes"));
}

TEST(Topology, LiveIsThisMachine) {
  const Topology machine = Machine("live");
  EXPECT_GE(machine.pus().size(), 1u);
  EXPECT_GE(machine.nodes().size(), 1u);
  EXPECT_TRUE(machine.is_this_machine());
}

TEST(Topology, TextThatHwlocRefusesIsAnsweredWithWhatToType) {
  for (const char* spec :
       {"package:2 core:8", "numa:2 foo:3 pu:1", "pu:2 pu:2", "package:2 ((((", "pu:2(indexes=0"}) {
    const absl::Status status = Topology::FromSpec(spec).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << spec;
    EXPECT_NE(std::string(status.message()).find("is not a topology: type live"), std::string::npos)
        << status;
  }
}

TEST(Topology, PusThatHwlocDropsAreNotDroppedInSilence) {
  for (const char* spec :
       {"pu:4(indexes=0,0,0,0)", "numa:2 core:2 pu:2(indexes=0,1,2,3,4,5,6,6)"}) {
    const absl::Status status = Topology::FromSpec(spec).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << spec;
    EXPECT_NE(std::string(status.message()).find("give each a number of its own"),
              std::string::npos)
        << status;
  }
}

// What a mask of 64 bits would lose, by number or by index.
TEST(Topology, NodesAndPusHaveNoSixtyFourBits) {
  for (const int nodes : {63, 64, 65, 200}) {
    const absl::StatusOr<Topology> machine =
        Topology::FromSpec("numa:" + std::to_string(nodes) + " pu:2");
    ASSERT_TRUE(machine.ok()) << machine.status();
    EXPECT_EQ(machine->nodes().size(), static_cast<size_t>(nodes));
    EXPECT_EQ(machine->pus().back().node, NodeId(nodes - 1));
  }
  const absl::StatusOr<Topology> sparse =
      Topology::FromSpec("numa:4(indexes=1023,3,64,65) pu:2(indexes=4095,0,64,63,1000,1,2,127)");
  ASSERT_TRUE(sparse.ok()) << sparse.status();
  EXPECT_EQ(sparse->pus().size(), 8u);
  for (const int number : {1023, 3, 64, 65}) {
    const NodeId node = sparse->NodeByOsIndex(number);
    ASSERT_TRUE(node.valid()) << number;
    EXPECT_EQ(sparse->nodes()[node.index()].cpus.size(), 2u);
  }
}

std::string Write(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

// hwloc 2.9 follows a null pointer here: the machine has no complete_nodeset, its node has one.
TEST(Topology, AFileThatKillsHwlocIsAnError) {
  const std::string path = Write("deadly.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0x1" complete_cpuset="0x1" allowed_cpuset="0x1"
          nodeset="0x1" allowed_nodeset="0x1" gp_index="1">
    <object type="NUMANode" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1"
            complete_nodeset="0x1" gp_index="3" local_memory="1073741824"/>
    <object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1"
            complete_nodeset="0x1" gp_index="2"/>
  </object>
</topology>
)");
  testing::internal::CaptureStderr();
  const absl::Status status = Topology::FromSpec(path).status();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST(Topology, GarbageFilesAreRefusedInSilence) {
  setenv("HWLOC_XML_VERBOSE", "1", 1);
  setenv("HWLOC_HIDE_ERRORS", "0", 1);
  testing::internal::CaptureStderr();
  for (const char* text : {"<topology version=\"2.0\">", "<topology><object></topology>",
                           "<topology version=\"2.0\"></topology>",
                           "<topology version=\"2.0\"><object type=\"Machine\"/></topology>"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Topology::FromSpec(Write("garbage.xml", text)).status()))
        << text;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  unsetenv("HWLOC_XML_VERBOSE");
  unsetenv("HWLOC_HIDE_ERRORS");
}

// hwloc's own variables must not change what was typed, and not turn this machine into another one
// without a word.
class Environment : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"HWLOC_SYNTHETIC", "HWLOC_THISSYSTEM", "HWLOC_COMPONENTS"}) {
      unsetenv(name);
    }
  }
};

TEST_F(Environment, DoesNotReplaceWhatWasTyped) {
  setenv("HWLOC_SYNTHETIC", "pu:7", 1);
  setenv("HWLOC_THISSYSTEM", "1", 1);
  const Topology machine = Machine("numa:2 pu:1");
  EXPECT_EQ(machine.pus().size(), 2u);
  EXPECT_FALSE(machine.is_this_machine());
}

TEST_F(Environment, ReplacesThisMachineOnlyAloud) {
  setenv("HWLOC_SYNTHETIC", "pu:7", 1);
  const Topology replaced = Machine("live");
  EXPECT_FALSE(replaced.is_this_machine());
  EXPECT_TRUE(Says(replaced, "HWLOC_SYNTHETIC made hwloc describe another machine"));
  setenv("HWLOC_THISSYSTEM", "1", 1);
  EXPECT_FALSE(Machine("live").is_this_machine());
}

TEST_F(Environment, ThatLeavesHwlocNothingIsNamed) {
  setenv("HWLOC_COMPONENTS", "no_os,stop", 1);
  const absl::StatusOr<Topology> machine = Topology::FromSpec("live");
  if (machine.ok()) {
    EXPECT_FALSE(machine->is_this_machine() && machine->pus().empty());
  } else {
    EXPECT_NE(std::string(machine.status().message()).find("HWLOC_COMPONENTS"), std::string::npos);
  }
}

}  // namespace
}  // namespace tally
