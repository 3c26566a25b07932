#include "scheduler/concurrent/sleepers.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/victims.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

using TestSleepers = Sleepers<RealWorld>;

// As a publisher or a searcher of one task sees it.
uint32_t Wakes(IdleFacts facts) { return WakesFor(facts, 4, 1, 1); }

TEST(SleepersTest, NobodyIsWokenWhileSomebodySearches) {
  TestSleepers sleepers(4);
  EXPECT_EQ(Wakes(sleepers.AfterPublishing()), 0u) << "nobody sleeps";
  sleepers.Announce(2, false);
  EXPECT_EQ(Wakes(sleepers.AfterPublishing()), 1u);
  sleepers.StartSearching();
  EXPECT_EQ(Wakes(sleepers.AfterPublishing()), 0u);
  EXPECT_EQ(Wakes(sleepers.StopSearching()), 1u) << "the last searcher, and somebody sleeps";
  EXPECT_EQ(Wakes(sleepers.AfterPublishing()), 1u);
}

TEST(SleepersTest, AClaimedSleeperCountsAsASearcher) {
  TestSleepers sleepers(100);
  sleepers.Announce(70, false);
  EXPECT_TRUE(sleepers.StillAnnounced(70));
  EXPECT_EQ(sleepers.ClaimAny(), 70u);
  EXPECT_FALSE(sleepers.StillAnnounced(70));
  EXPECT_FALSE(sleepers.Retract(70)) << "the waker was faster";
  EXPECT_EQ(sleepers.PeekFacts().searching, 1u);
  EXPECT_EQ(sleepers.PeekFacts().sleeping, 0u);
  EXPECT_EQ(sleepers.ClaimAny(), TestSleepers::kNobody);
  EXPECT_EQ(Wakes(sleepers.StopSearching()), 0u) << "nobody sleeps, so nobody need be woken";
}

TEST(SleepersTest, AHelperCountsBesideTheSleepers) {
  TestSleepers sleepers(4);
  sleepers.HelperParks();
  EXPECT_EQ(sleepers.AfterPublishing().sleeping, 1u);
  EXPECT_EQ(sleepers.ClaimAny(), TestSleepers::kNobody) << "it has its own way to be woken";
  sleepers.Announce(0, false);
  sleepers.Announce(1, false);
  EXPECT_EQ(sleepers.AfterPublishing().sleeping, 3u);
  EXPECT_TRUE(sleepers.Retract(0));
  EXPECT_EQ(sleepers.ClaimAny(), 1u);
  EXPECT_EQ(sleepers.AfterPublishing().sleeping, 1u) << "the helper still";
  sleepers.HelperWakes();
  EXPECT_FALSE(sleepers.AnyAsleepAfterPublishingFreely());
}

TEST(SleepersTest, TheNearestSleeperIsClaimedFirst) {
  const Topology machine = *Topology::FromSpec("package:2 numa:1 core:80 pu:1");
  std::vector<CpuId> cpus;
  for (int i = 0; i < 160; ++i) cpus.emplace_back(i);
  const VictimOrder order(machine, cpus);
  TestSleepers sleepers(160);
  for (const int worker : {3, 79, 100, 159}) {
    sleepers.Announce(order.SeatOf(WorkerId(worker)), false);
  }
  const std::vector<Tier>& tiers = order.TiersOf(WorkerId(120));  // on node 1
  std::vector<int> claimed;
  for (int i = 0; i < 4; ++i) {
    claimed.push_back(order.WorkerAt(sleepers.Claim(tiers)).value());
  }
  EXPECT_TRUE(claimed[0] == 100 || claimed[0] == 159) << claimed[0];
  EXPECT_TRUE(claimed[1] == 100 || claimed[1] == 159) << claimed[1];
  EXPECT_TRUE(claimed[2] == 3 || claimed[2] == 79) << claimed[2];
  EXPECT_EQ(sleepers.Claim(tiers), TestSleepers::kNobody);
}

TEST(SleepersTest, CountsSleepersAcrossWords) {
  TestSleepers sleepers(200);
  for (const uint32_t seat : {0u, 63u, 64u, 130u, 199u}) sleepers.Announce(seat, false);
  EXPECT_EQ(sleepers.SleepingIn({0, 200}), 5u);
  EXPECT_EQ(sleepers.SleepingIn({1, 64}), 1u);
  EXPECT_EQ(sleepers.SleepingIn({63, 65}), 2u);
  EXPECT_EQ(sleepers.SleepingIn({64, 128}), 1u);
  EXPECT_EQ(sleepers.SleepingIn({131, 199}), 0u);
  EXPECT_EQ(sleepers.SleepingIn({5, 5}), 0u);
}

// The whole protocol: a publisher that publishes one thing and waits until it is taken must never
// wait for ever. Every lost wake-up hangs this test.
template <class W>
void Stress() {
  constexpr int kWorkers = 3, kRounds = 20'000;
  Sleepers<W> sleepers(kWorkers);
  std::vector<std::unique_ptr<RealWorld::Parker>> parkers;
  for (int w = 0; w < kWorkers; ++w) parkers.push_back(std::make_unique<RealWorld::Parker>());
  std::atomic<int> available{0}, taken{0};
  std::atomic<bool> stop{false};
  const auto try_take = [&] {
    int now = available.load(std::memory_order_relaxed);
    return now > 0 && available.compare_exchange_strong(now, now - 1);
  };
  std::vector<std::thread> threads;
  for (uint32_t w = 0; w < kWorkers; ++w) {
    threads.emplace_back([&, w] {
      bool searching = false;
      while (!stop.load()) {
        if (try_take()) {
          taken.fetch_add(1);
          if (std::exchange(searching, false) && Wakes(sleepers.StopSearching()) > 0) {
            RealWorld::Fence(std::memory_order_seq_cst);
            if (available.load(std::memory_order_relaxed) > 0) {
              const uint32_t seat = sleepers.ClaimAny();
              if (seat != TestSleepers::kNobody) parkers[seat]->Unpark();
            }
          }
          continue;
        }
        sleepers.Announce(w, std::exchange(searching, false));
        if (available.load(std::memory_order_relaxed) > 0 || stop.load()) {
          if (sleepers.Retract(w)) sleepers.StartSearching();
          searching = true;
          continue;
        }
        while (sleepers.StillAnnounced(w) && !stop.load()) parkers[w]->Park();
        if (sleepers.Retract(w)) sleepers.StartSearching();
        searching = true;
      }
    });
  }
  for (int round = 1; round <= kRounds; ++round) {
    available.fetch_add(1, std::memory_order_relaxed);
    if (Wakes(sleepers.AfterPublishing()) > 0) {
      const uint32_t seat = sleepers.ClaimAny();
      if (seat != TestSleepers::kNobody) parkers[seat]->Unpark();
    }
    if (round % 4 == 0) {
      while (taken.load() < round) std::this_thread::yield();
    }
  }
  while (taken.load() < kRounds) std::this_thread::yield();
  stop.store(true);
  for (auto& parker : parkers) parker->Unpark();
  for (std::thread& thread : threads) thread.join();
}

TEST(SleepersTest, StressLosesNoWakeUp) { Stress<RealWorld>(); }
TEST(SleepersTest, StressOfWhoIsStoppedLosesNoWakeUp) { Stress<PreemptedWorld>(); }

}  // namespace
}  // namespace tally
