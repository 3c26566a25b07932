// The scheduler's own statistics: what is counted adds up, and a snapshot stops nobody.

#include "scheduler/runtime/stats.h"

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class StatsTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, const Body& body) {
    WithScheduler<W>("package:2 numa:1 core:4 pu:1", {.workers = workers}, body);
  }
};

TYPED_TEST_SUITE(StatsTest, Worlds, WorldNames);

template <class Array>
uint64_t Sum(const Array& array) {
  return std::accumulate(array.begin(), array.end(), uint64_t{0});
}

TYPED_TEST(StatsTest, TouchesAreCountedByHomeIfSomebodyAsks) {
  using W = TypeParam;
  const auto machine = Machine("package:2 numa:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    for (const bool count : {false, true}) {
      auto scheduler =
          BasicScheduler<W>::Create({.workers = 1, .topology = machine, .count_touches = count});
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      typename W::Memory memory(1 << 16);
      BasicTaskGroup<W> group(**scheduler);
      group.Spawn([&] {
        Touch<W>(memory.data(), 100);
        Touch<W>(memory.data(), 28);
      });
      group.Wait();
      std::vector<TouchCount> expected(3);  // nodes 0 and 1, and unknown
      // A machine that is not this one: the kernel cannot know its nodes.
      if (count) expected[W::kSimulated ? 0 : 2] = {.accesses = 2, .bytes = 128};
      EXPECT_EQ((*scheduler)->Stats().Total().touched, expected) << count;
    }
  });
}

TYPED_TEST(StatsTest, TouchesAreCountedByTaskType) {
  using W = TypeParam;
  const auto machine = Machine("package:2 numa:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler =
        BasicScheduler<W>::Create({.workers = 2, .topology = machine, .count_touches = true});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    typename W::Memory memory(1 << 16);
    BasicTaskGroup<W> group(**scheduler);
    const auto touch = [&](size_t bytes) {
      return [&memory, bytes] { Touch<W>(memory.data(), bytes); };
    };
    for (int i = 0; i < 50; ++i) {
      group.Spawn(touch(3), {.name = "odd"});
      group.Spawn(
          [&] {
            BasicTaskGroup<W> inner(**scheduler);
            inner.Spawn(touch(3), {.name = "odd"});
            inner.Wait();
            touch(100)();  // after another has run on the same stack
          },
          {.name = "even"});
    }
    group.Spawn([] {}, {.name = "idle"});
    group.Wait();
    const auto sum = [](const TouchesByHome& touches) {
      TouchCount all;
      for (const TouchCount& home : touches) {
        all.accesses += home.accesses;
        all.bytes += home.bytes;
      }
      return all;
    };
    const WorkerStats total = (*scheduler)->Stats().Total();
    EXPECT_EQ(sum(total.TouchedBy("odd")), (TouchCount{100, 300}));
    EXPECT_EQ(sum(total.TouchedBy("even")), (TouchCount{50, 5000}));
    EXPECT_EQ(total.touched_by_type.size(), 2u);
    EXPECT_EQ(total.TouchedBy("idle"), TouchesByHome());
    EXPECT_EQ(sum(total.touched), (TouchCount{150, 5300}));
  });
}

TEST(TouchCounters, TypesBeyondTheSixteenthShareOneAccount) {
  TouchCounters<RealWorld> counters(2, true);
  for (uint32_t type = 0; type < 20; ++type) counters.Add(NodeId(1), 10, type);
  counters.Add(NodeId(0), 1, 3);
  counters.Add(NodeId(), 1, 18);
  const std::vector<TypeTouches> types = counters.ReadByType();
  ASSERT_EQ(types.size(), TouchCounters<RealWorld>::kTypes + 1);
  EXPECT_EQ(types[3], (TypeTouches{3, {{1, 1}, {1, 10}, {0, 0}}}));
  EXPECT_EQ(types[15], (TypeTouches{15, {{0, 0}, {1, 10}, {0, 0}}}));
  EXPECT_EQ(types[16], (TypeTouches{NameHash("other"), {{0, 0}, {4, 40}, {1, 1}}}));
  EXPECT_EQ(counters.Read(), (TouchesByHome{{1, 1}, {20, 200}, {1, 1}}));
  EXPECT_TRUE(TouchCounters<RealWorld>(2, false).ReadByType().empty());
}

TYPED_TEST(StatsTest, TimeIsBusyWhileTasksRunAndIdleAfterwards) {
  using W = TypeParam;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    constexpr Nanos kWork = 20'000'000;
    BasicTaskGroup<W> group(scheduler);
    SchedulerStats during;
    group.Spawn([&] {
      W::Work(kWork);
      during = scheduler.Stats();
    });
    group.Wait();
    EXPECT_GE(during.Total().busy_ns(), kWork);
    // It sleeps until there is work again, and that is not busy time.
    while (scheduler.Stats().sleeping == 0) W::SpinPause();
    const Nanos busy = scheduler.Stats().Total().busy_ns();
    W::Work(kWork);
    W::SpinPause();  // in virtual time: the worker catches up
    const WorkerStats after = scheduler.Stats().Total();
    EXPECT_EQ(after.busy_ns(), busy);
    EXPECT_GE(after.idle_ns(), kWork);
    // It had announced its sleep, but perhaps not begun it.
    EXPECT_GE(after.time_ns[static_cast<int>(Activity::kAsleep)], kWork / 2);
    // Once the worker has left, nothing grows.
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    const WorkerStats left = scheduler.Stats().Total();
    W::Work(1000);
    EXPECT_EQ(scheduler.Stats().Total().time_ns, left.time_ns);
  });
}

TYPED_TEST(StatsTest, StealsAndTakesAreCountedByVisitByTaskAndByDistance) {
  using W = TypeParam;
  this->With(8, [&](BasicScheduler<W>& scheduler) {
    for (int round = 0; round < 3; ++round) {
      BasicTaskGroup<W> group(scheduler);
      for (int i = 0; i < 200; ++i) {
        group.Spawn([&scheduler] {
          BasicTaskGroup<W> inner(scheduler);
          for (int j = 0; j < 4; ++j) inner.Spawn([] { W::Work(2000); });
          inner.Wait();
        });
      }
      group.Wait();
    }
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    const WorkerStats total = scheduler.Stats().Total();
    // Every task of an outside thread came by an injector.
    EXPECT_GE(total.injector_takes, 600u);
    EXPECT_GE(Sum(total.injector_batches), 1u);
    EXPECT_LE(Sum(total.injector_batches), total.injector_takes);
    EXPECT_LE(Sum(total.steal_batches), Sum(total.steals));
    EXPECT_EQ(Sum(total.executed), 600u + 2400u);
    EXPECT_EQ(total.queue_wait.Count() >= Sum(total.steals), true);
    if (W::kSimulated) {
      EXPECT_GT(Sum(total.steals), 0u);
    }
  });
}

TYPED_TEST(StatsTest, AChildThatNobodyStealsIsNeitherWaitedNorStolen) {
  using W = TypeParam;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([] {
      for (int i = 0; i < 100; ++i) Invoke<W>([] {}, [] {});
    });
    group.Wait();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    const WorkerStats total = scheduler.Stats().Total();
    EXPECT_EQ(total.executed_inline, 100u);
    EXPECT_EQ(Sum(total.steals), 0u);
    EXPECT_LE(total.queue_wait.Count(), 1u);  // the one that was submitted
  });
}

}  // namespace
}  // namespace tally
