// Storms of loops: random nests of loops and reductions, with bodies that throw, take long, spawn
// and wait, under random schedules in virtual time and for real.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/parallel_reduce.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

struct Lightning {};

template <class W>
class LoopStorm {
 public:
  explicit LoopStorm(BasicScheduler<W>& scheduler) : scheduler_(scheduler) {}

  // A loop whose bodies do what `seed` says, and no deeper than this. Returns how many leaves it
  // had, or throws.
  int64_t Rage(int depth, uint64_t seed) {
    Random random(seed);
    const int64_t size = random.Below(random.Below(8) == 0 ? 300 : 12);
    const int64_t grain = static_cast<int64_t>(random.Below(5)) - 1;
    const int64_t struck = random.Below(12) == 0 ? random.Below(12) : -1;
    const uint64_t seeds = random.Next();
    if (random.Below(2) == 0) return Reduce(depth, size, grain, seeds);
    std::vector<std::atomic<int>> calls(static_cast<size_t>(size));
    std::atomic<int64_t> leaves{0};
    bool threw = false;
    try {
      ParallelFor(scheduler_, 0, size,
                  [&](int64_t i) {
                    calls[static_cast<size_t>(i)].fetch_add(1);
                    leaves.fetch_add(Body(depth, Mix64(seeds + static_cast<uint64_t>(i))));
                    if (i == struck) throw Lightning();
                  },
                  {.grain = grain});
    } catch (const Lightning&) {
      threw = true;
    }
    int64_t called = 0;
    for (const std::atomic<int>& each : calls) {
      EXPECT_LE(each.load(), 1);
      called += each.load();
    }
    EXPECT_EQ(threw, struck >= 0 && struck < size);
    if (threw) {
      EXPECT_EQ(calls[static_cast<size_t>(struck)].load(), 1);
    } else {
      EXPECT_EQ(called, size) << "by " << grain;
    }
    return leaves.load();
  }

 private:
  int64_t Reduce(int depth, int64_t size, int64_t grain, uint64_t seeds) {
    // Where nothing throws below, the sum is that of the leaves, each once.
    std::atomic<int64_t> mapped{0};
    const int64_t sum = ParallelReduce(scheduler_, int64_t{0}, size, int64_t{0},
                                       [&](int64_t i) {
                                         const int64_t leaves =
                                             Body(depth, Mix64(seeds + static_cast<uint64_t>(i)));
                                         mapped.fetch_add(leaves);
                                         return leaves;
                                       },
                                       std::plus(), {.grain = grain});
    EXPECT_EQ(sum, mapped.load());
    return sum;
  }

  int64_t Body(int depth, uint64_t seed) {
    Random random(seed);
    W::Work(random.Below(random.Below(32) == 0 ? 20'000 : 300));
    if (depth == 0 || random.Below(4) != 0) return 1;
    if (random.Below(4) != 0) return Rage(depth - 1, random.Next());
    int64_t leaves[3] = {};
    BasicTaskGroup<W> group(scheduler_);
    for (int64_t& each : leaves) {
      group.Spawn([this, &each, depth, seed = random.Next()] { each = Rage(depth - 1, seed); });
    }
    group.Wait();
    return leaves[0] + leaves[1] + leaves[2];
  }

  BasicScheduler<W>& scheduler_;
};

TEST(LoopStormTest, InVirtualTime) {
  const auto machine = Machine("package:2 numa:2 core:4 pu:1");
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RunIn<TimedWorld>(*machine, [&] {
      auto scheduler = BasicScheduler<TimedWorld>::Create(
          {.workers = 1 + static_cast<int>(seed % 16), .topology = machine, .seed = seed});
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      LoopStorm<TimedWorld> storm(**scheduler);
      BasicTaskGroup<TimedWorld> group(**scheduler);
      group.Spawn([&] { storm.Rage(4, seed); });
      storm.Rage(4, seed + 1'000'000);  // from outside, at the same time
      group.Wait();
    });
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(LoopStormTest, ForRealFromSeveralOutsideThreads) {
  for (int workers = 1; workers <= 8; ++workers) {
    auto scheduler = BasicScheduler<RealWorld>::Create({.workers = workers, .bind = false});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    LoopStorm<RealWorld> storm(**scheduler);
    std::vector<std::thread> outside;
    for (uint64_t caller = 1; caller <= 3; ++caller) {
      outside.emplace_back([&storm, caller, workers] {
        for (uint64_t round = 0; round < 8; ++round) {
          storm.Rage(3, caller * 1'000'003 + round * 17 + static_cast<uint64_t>(workers));
        }
      });
    }
    for (std::thread& thread : outside) thread.join();
    ASSERT_FALSE(testing::Test::HasFailure()) << workers << " workers";
  }
}

// The loop's pieces are shared out down to the last ones, time and again.
TEST(LoopStormTest, ManyShortLoopsForReal) {
  for (const int workers : {2, 3, 8}) {
    auto scheduler = BasicScheduler<RealWorld>::Create({.workers = workers, .bind = false});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    BasicTaskGroup<RealWorld> group(**scheduler);
    group.Spawn([&] {
      std::vector<int> calls(200);
      for (int round = 0; round < 2000; ++round) {
        const int64_t size = 2 + round % 199;
        ParallelFor<RealWorld>(int64_t{0}, size,
                               [&](int64_t i) { ++calls[static_cast<size_t>(i)]; },
                               {.grain = round % 3});
        for (int64_t i = 0; i < size; ++i) {
          ASSERT_EQ(calls[static_cast<size_t>(i)], 1) << i << " of round " << round;
          calls[static_cast<size_t>(i)] = 0;
        }
      }
    });
    group.Wait();
  }
}

}  // namespace
}  // namespace tally
