#include "sim/timed/machine.h"

#include <string_view>

#include "gtest/gtest.h"
#include "numa/topology.h"

namespace tally::timed {
namespace {

Topology Imagine(std::string_view spec) { return Topology::FromSpec(spec).value(); }

TEST(MachineTest, ALineCostsByDistance) {
  // CPUs 0..3 share core, L2, small L3; 2 L3 per node, 2 nodes per package, 2 packages.
  const Topology topology = Imagine("package:2 numa:2 l3:2 l2:2 core:2 pu:2");
  const Machine machine(topology, {});
  const struct {
    int to;
    Nanos ns;
  } kRows[] = {{0, 1}, {1, 8}, {2, 15}, {4, 25}, {8, 105}, {16, 110}, {32, 140}};
  for (const auto& row : kRows) {
    EXPECT_EQ(machine.TransferNs(CpuId(0), CpuId(row.to)), row.ns) << "to CPU " << row.to;
    EXPECT_EQ(machine.TransferNs(CpuId(row.to), CpuId(0)), row.ns) << "from CPU " << row.to;
  }
}

TEST(MachineTest, ALargeL3IsAMesh) {
  EXPECT_EQ(Machine(Imagine("package:1 l3:1 core:8 pu:2"), {}).TransferNs(CpuId(0), CpuId(2)), 25);
  const Topology mesh = Imagine("package:1 l3:1 core:28 pu:2");
  EXPECT_EQ(Machine(mesh, {}).TransferNs(CpuId(0), CpuId(2)), 50);
  const Topology undescribed = Imagine("package:1 core:28 pu:1");
  EXPECT_EQ(Machine(undescribed, {}).TransferNs(CpuId(0), CpuId(2)), 50);
  const Topology small = Imagine("package:1 core:8 pu:1");
  EXPECT_EQ(Machine(small, {}).TransferNs(CpuId(0), CpuId(2)), 25);
}

TEST(MachineTest, AThreadWithoutACpuIsNearby) {
  const Topology topology = Imagine("package:2 numa:1 core:2 pu:1");
  EXPECT_EQ(Machine(topology, {}).TransferNs(CpuId(), CpuId(3)), 50);
}

TEST(MachineTest, OneCoreCannotSaturateItsNode) {
  const Topology topology = Imagine("package:2 numa:1 core:16 pu:1");
  Machine machine(topology, {});
  EXPECT_EQ(machine.Move(0, CpuId(0), NodeId(0), kPageBytes), 4096 / 16);
}

TEST(MachineTest, CoresShareTheirNodesBandwidth) {
  // 16 cores ask for 16 B/ns each; their node gives 160.
  const Topology topology = Imagine("package:2 numa:1 core:16 pu:1");
  Machine machine(topology, {});
  constexpr int kRounds = 50;
  Nanos now[16] = {};
  for (int round = 0; round < kRounds; ++round) {
    for (int cpu = 0; cpu < 16; ++cpu) {
      now[cpu] = machine.Move(now[cpu], CpuId(cpu), NodeId(0), kPageBytes);
    }
  }
  const Nanos fair = kRounds * 16 * 4096 / 160;
  for (Nanos end : now) {
    EXPECT_GE(end, fair * 97 / 100) << "somebody got more than their share";
    EXPECT_LE(end, fair * 103 / 100) << "bandwidth was lost";
  }
}

TEST(MachineTest, RemoteBytesAreSlowerAndShareALink) {
  const Topology topology = Imagine("package:2 numa:1 core:16 pu:1");
  Machine machine(topology, {});
  EXPECT_EQ(machine.Move(0, CpuId(16), NodeId(0), kPageBytes), 2 * 4096 / 16);
  EXPECT_EQ(machine.LatencyNs(CpuId(0), NodeId(0)), 95);
  EXPECT_EQ(machine.LatencyNs(CpuId(16), NodeId(0)), 190);
  Nanos end = 0;
  for (int cpu = 16; cpu < 32; ++cpu) {
    end = machine.Move(100'000, CpuId(cpu), NodeId(0), kPageBytes);
  }
  EXPECT_EQ(end - 100'000, 16 * 4096 / 64) << "40 % of 160 B/ns leave the node";
}

TEST(MachineTest, ThreadsOfACoreSlowEachOther) {
  const Topology topology = Imagine("package:1 core:2 pu:2");
  Machine machine(topology, {});
  machine.CountRunning(CpuId(0), +1);
  EXPECT_EQ(machine.Slowed(CpuId(0), 1000), 1000);
  machine.CountRunning(CpuId(2), +1);
  EXPECT_EQ(machine.Slowed(CpuId(0), 1000), 1000) << "another core";
  machine.CountRunning(CpuId(1), +1);
  EXPECT_EQ(machine.Slowed(CpuId(0), 1000), 1550) << "a sibling";
  machine.CountRunning(CpuId(1), -1);
  machine.CountRunning(CpuId(0), +1);
  EXPECT_EQ(machine.Slowed(CpuId(0), 1000), 2000) << "taking turns on one PU";
}

}  // namespace
}  // namespace tally::timed
