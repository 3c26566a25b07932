// Tasks that are sent to a node: its workers run them, and if those do not get to it, others do.
#include <atomic>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

constexpr Nanos kMicro = 1'000, kMilli = 1'000'000;

template <class W>
NodeId Here() {
  return Worker<W>::Current()->node();
}

// `body(scheduler)` on four nodes with two workers each.
template <class W, class F>
void OnFourNodes(Nanos patience, const F& body) {
  const std::shared_ptr<const Topology> topology = Machine("numa:4 core:2 pu:1");
  RunIn<W>(*topology, [&] {
    auto scheduler =
        BasicScheduler<W>::Create({.workers = 8, .topology = topology, .patience_ns = patience});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    body(**scheduler);
  });
}

// Of 200 tasks of 20 us, dealt out to the nodes from outside: how many ran at home.
int RanAtHome(Nanos patience) {
  int at_home = 0;
  OnFourNodes<TimedWorld>(patience, [&](BasicScheduler<TimedWorld>& scheduler) {
    BasicTaskGroup<TimedWorld> group(scheduler);
    for (int i = 0; i < 200; ++i) {
      const NodeId node(i % 4);
      group.Spawn(
          [&at_home, node] {
            TimedWorld::Work(20 * kMicro);
            at_home += Here<TimedWorld>() == node;
          },
          {.node = node});
    }
    group.Wait();
  });
  return at_home;
}

TEST(Affinity, TasksRunOnTheNodeThatTheyWereSentTo) {
  EXPECT_EQ(RanAtHome(kMilli), 200);
  EXPECT_LT(RanAtHome(0), 200);  // the price of not being patient
}

// Waking takes longer than this patience, so time alone would call every node late.
TEST(Affinity, WhoIsOnItsWayIsWaitedFor) { EXPECT_EQ(RanAtHome(2 * kMicro), 200); }

TEST(Affinity, OthersComeOnceANodeDoesNotGetToIt) {
  OnFourNodes<TimedWorld>(kMilli, [&](BasicScheduler<TimedWorld>& scheduler) {
    BasicTaskGroup<TimedWorld> group(scheduler);
    const Nanos start = TimedWorld::Now();
    Nanos done = 0;
    NodeId ran_on;
    for (int i = 0; i < 2; ++i) {
      group.Spawn([] { TimedWorld::Work(50 * kMilli); }, {.node = NodeId(2)});
    }
    TimedWorld::Work(500 *
                     kMicro);  // both of node 2's workers are in a long task, all others asleep
    group.Spawn(
        [&] {
          ran_on = Here<TimedWorld>();
          done = TimedWorld::Now() - start;
        },
        {.node = NodeId(2)});
    group.Wait();
    EXPECT_NE(ran_on, NodeId(2));
    EXPECT_GE(done, kMilli);
    EXPECT_LT(done, 5 * kMilli);
  });
}

TEST(Affinity, ALongQueueIsSharedOut) {
  OnFourNodes<TimedWorld>(kMilli, [&](BasicScheduler<TimedWorld>& scheduler) {
    BasicTaskGroup<TimedWorld> group(scheduler);
    const Nanos start = TimedWorld::Now();
    for (int i = 0; i < 400; ++i) {
      group.Spawn([] { TimedWorld::Work(20 * kMilli); }, {.node = NodeId(1)});
    }
    group.Wait();
    // Alone, its two workers would take 4 s.
    EXPECT_LT(TimedWorld::Now() - start, 2500 * kMilli);
  });
}

TEST(Affinity, UrgentTasksGoToWhoeverIsFree) {
  OnFourNodes<TimedWorld>(10 * kMilli, [&](BasicScheduler<TimedWorld>& scheduler) {
    BasicTaskGroup<TimedWorld> group(scheduler);
    for (int i = 0; i < 2; ++i) {
      group.Spawn([] { TimedWorld::Work(50 * kMilli); }, {.node = NodeId(2)});
    }
    TimedWorld::Work(500 * kMicro);
    const Nanos sent = TimedWorld::Now();
    Nanos begun = 0;
    group.Spawn([&] { begun = TimedWorld::Now(); },
                {.priority = Priority::kHigh, .node = NodeId(2)});
    group.Wait();
    EXPECT_LT(begun - sent, kMilli);
  });
}

// A storm of sent tasks that send others and wait for them: none is lost, whoever waits where.
template <class W>
void Storm(BasicScheduler<W>& scheduler, int depth, std::atomic<int>& ran) {
  ran.fetch_add(1, std::memory_order_relaxed);
  if (depth == 0) return;
  BasicTaskGroup<W> group(scheduler);
  for (int i = 0; i < 5; ++i) {
    group.Spawn([&scheduler, depth, &ran] { Storm<W>(scheduler, depth - 1, ran); },
                {.node = NodeId((depth + i) % 5 - 1)});  // -1: any
  }
  group.Wait();
}

TEST(Affinity, AStormLosesNothing) {
  const auto storm = [](auto& scheduler) {
    std::atomic<int> ran{0};
    Storm(scheduler, 5, ran);
    EXPECT_EQ(ran.load(), 1 + 5 + 25 + 125 + 625 + 3125);
  };
  OnFourNodes<TimedWorld>(kMilli, storm);
  OnFourNodes<RealWorld>(kMilli, storm);
}

}  // namespace
}  // namespace tally
