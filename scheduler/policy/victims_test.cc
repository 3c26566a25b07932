#include "scheduler/policy/victims.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"

namespace tally {
namespace {

Topology Machine(const std::string& text) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(text);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

VictimOrder OneWorkerPerPu(const Topology& machine) {
  std::vector<CpuId> cpus;
  for (size_t i = 0; i < machine.pus().size(); ++i) cpus.emplace_back(static_cast<int>(i));
  return VictimOrder(machine, cpus);
}

std::string TierNames(const VictimOrder& order, WorkerId worker) {
  static constexpr const char* kNames[] = {"self", "smt", "l2", "l3", "node", "package", "remote"};
  std::string names;
  for (const Tier& tier : order.TiersOf(worker)) {
    if (!names.empty()) names += ' ';
    names += kNames[static_cast<int>(tier.proximity)];
    names += ":" + std::to_string(tier.size);
  }
  return names;
}

TEST(VictimOrderTest, TiersFollowWhatIsShared) {
  struct Row {
    const char* machine;
    const char* tiers;
  };
  const Row rows[] = {
      {"pu:1", ""},
      {"package:1 core:2 pu:1", "node:1"},
      {"package:1 l3:2 l2:2 core:2 pu:2", "smt:1 l2:2 l3:4 node:8"},
      {"package:2 numa:1 core:4 pu:1", "node:3 remote:4"},
      {"package:2 numa:2 core:2 pu:1", "node:1 package:2 remote:4"},
  };
  for (const Row& row : rows) {
    const Topology machine = Machine(row.machine);
    const VictimOrder order = OneWorkerPerPu(machine);
    for (uint32_t w = 0; w < order.workers(); ++w) {
      EXPECT_EQ(TierNames(order, WorkerId(static_cast<int>(w))), row.tiers)
          << row.machine << " worker " << w;
    }
  }
}

TEST(VictimOrderTest, EverybodyElseAppearsExactlyOnce) {
  const Topology machine = Machine("package:2 numa:2 l3:2 core:3 pu:2");
  for (const int workers : {1, 2, 7, 48, 100}) {
    const VictimOrder order(machine, PlaceWorkers(machine, PlacementPolicy::kScatter, workers));
    for (int w = 0; w < workers; ++w) {
      std::multiset<int> seen;
      for (const Tier& tier : order.TiersOf(WorkerId(w))) {
        for (uint32_t i = 0; i < tier.size; ++i) {
          seen.insert(order.WorkerAt(tier.Seat(i)).value());
        }
      }
      EXPECT_EQ(seen.size(), static_cast<size_t>(workers - 1));
      EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), seen.size());
      EXPECT_EQ(seen.count(w), 0u);
      EXPECT_EQ(order.WorkerAt(order.SeatOf(WorkerId(w))), WorkerId(w));
    }
  }
}

TEST(VictimOrderTest, WorkersOnOnePuAreNearest) {
  const Topology machine = Machine("package:1 core:2 pu:1");
  const VictimOrder order(machine, {CpuId(0), CpuId(1), CpuId(0)});
  EXPECT_EQ(TierNames(order, WorkerId(0)), "self:1 node:1");
  EXPECT_EQ(order.WorkerAt(order.TiersOf(WorkerId(0))[0].Seat(0)), WorkerId(2));
}

TEST(VictimOrderTest, FourThousandWorkersTakeLittleMemory) {
  const Topology machine = Machine("package:8 numa:2 l3:8 core:16 pu:2");
  const VictimOrder order(machine, PlaceWorkers(machine, PlacementPolicy::kCompact, 4096));
  size_t ranges = 0;
  for (int w = 0; w < 4096; ++w) {
    for (const Tier& tier : order.TiersOf(WorkerId(w))) ranges += tier.ranges.size();
  }
  EXPECT_LT(ranges, 4096u * 32);
}

TEST(VictimOrderTest, KnowsTheSeatsOfEachNode) {
  const Topology machine = Machine("package:2 numa:1 core:4 pu:1");
  const VictimOrder order(machine, {CpuId(5), CpuId(0), CpuId(6), CpuId(7)});
  EXPECT_EQ(order.SeatsOf(NodeId(0)), (SeatRange{0, 1}));
  EXPECT_EQ(order.SeatsOf(NodeId(1)), (SeatRange{1, 4}));
  EXPECT_EQ(order.WorkerAt(0), WorkerId(1));
  EXPECT_EQ(VictimOrder(machine, {CpuId(0)}).SeatsOf(NodeId(1)).size(), 0u);
}

TEST(NodesByDistanceTest, ItselfFirst) {
  const Topology machine = Machine("package:4 numa:1 core:1 pu:1");
  EXPECT_EQ(NodesByDistance(machine, NodeId(2)),
            (std::vector<NodeId>{NodeId(2), NodeId(0), NodeId(1), NodeId(3)}));
  EXPECT_EQ(NodesByDistance(machine, NodeId()).front(), NodeId(0));
}

}  // namespace
}  // namespace tally
