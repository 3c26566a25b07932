// Corners of the scheduler's promises, each of which was once broken.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

// On a machine of two nodes with two cores each.
template <class W, class Body>
void With(int workers, const Body& body) {
  const auto machine = Machine("package:2 numa:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create(
        {.workers = workers, .topology = machine, .bind = !W::kSimulated});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    body(**scheduler);
  });
}

template <class W>
class CornersTest : public testing::Test {};
TYPED_TEST_SUITE(CornersTest, Worlds, WorldNames);

struct ThrowsWhenCopied {
  ThrowsWhenCopied() = default;
  ThrowsWhenCopied(const ThrowsWhenCopied&) { throw std::runtime_error("no copy"); }
  void operator()() const {}
};

TYPED_TEST(CornersTest, AClosureThatCannotBeCopiedIsNotAccepted) {
  using W = TypeParam;
  With<W>(2, [](BasicScheduler<W>& scheduler) {
    const ThrowsWhenCopied closure;
    EXPECT_THROW((void)scheduler.Submit(closure), std::runtime_error);
    BasicTaskGroup<W> group(scheduler);
    EXPECT_THROW(group.Spawn(closure), std::runtime_error);
    group.Spawn([&] {
      EXPECT_THROW((void)scheduler.Submit(closure), std::runtime_error);
      EXPECT_THROW(group.Spawn(closure), std::runtime_error);
    });
    group.Wait();
    const auto report = scheduler.Shutdown({.deadline_ns = 1'000'000'000});
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->complete) << "it waits for a task that nobody has";
  });
}

TYPED_TEST(CornersTest, ShutdownDoesNotLeaveAGroupsTasksBehind) {
  // The child is in no account but the group's, and in the injector of a node without workers.
  using W = TypeParam;
  std::atomic<int> ran{0};
  With<W>(2, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([&] {
      group.Spawn(
          [&] {
            W::Work(50'000);
            for (int i = 0; i < 20; ++i) group.Spawn([&] { ++ran; }, {.node = NodeId(1)});
          },
          {.node = NodeId(1)});
    });
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    group.Wait();
  });
  EXPECT_EQ(ran.load(), 20);
}

TYPED_TEST(CornersTest, ACancelledShutdownLetsARunningForkFinish) {
  using W = TypeParam;
  std::atomic<bool> right_ran{false}, returned{false};
  With<W>(2, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker stolen, cancelled;
    ASSERT_TRUE(scheduler
                    .Submit([&] {
                      Invoke<W>(
                          [&] {
                            // Whoever steals the right side finds it cancelled, or runs it before.
                            stolen.Unpark();
                            W::Work(2'000'000);
                          },
                          [&] { right_ran = true; });
                      returned = true;
                    })
                    .ok());
    // Keeps the other worker from stealing before the cancellation.
    ASSERT_TRUE(scheduler.Submit([&] { cancelled.Park(); }).ok());
    stolen.Park();
    const auto late = scheduler.Shutdown({.drain = false, .deadline_ns = 0});
    ASSERT_TRUE(late.ok());
    cancelled.Unpark();
    EXPECT_TRUE(scheduler.Shutdown({.drain = false})->complete);
  });
  EXPECT_EQ(returned.load(), right_ran.load()) << "Invoke() returned without its right side";
}

TYPED_TEST(CornersTest, AWaitForAnOlderGroupRunsNothingFromBetween) {
  // Worker 0 makes `older` and then other tasks. One of those waits for `older`: what lies between
  // the two in the deque is unrelated to it.
  using W = TypeParam;
  With<W>(2, [](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> outer(scheduler);
    typename W::Parker busy, go_on;
    outer.Spawn([&] {  // the other worker comes late
      busy.Unpark();
      go_on.Park();
      W::Work(200'000);
    });
    busy.Park();
    outer.Spawn([&] {
      const WorkerId self = Worker<W>::Current()->id();
      bool waits = false;
      std::atomic<int> between{0};
      BasicTaskGroup<W> older(scheduler), others(scheduler);
      older.Spawn([] {});
      for (int i = 0; i < 3; ++i) {
        others.Spawn([&] {
          if (Worker<W>::Current()->id() == self) {
            EXPECT_FALSE(waits) << "would meet a lock that the waiter holds";
          }
          ++between;
        });
      }
      others.Spawn([&] {
        if (Worker<W>::Current()->id() != self) return;
        waits = true;
        go_on.Unpark();
        older.Wait();
        waits = false;
      });
      others.Wait();
      EXPECT_EQ(between.load(), 3);
      go_on.Unpark();
    });
    outer.Wait();
  });
}

TYPED_TEST(CornersTest, AGroupThatIsOverBeforeItsEndLeaksNothing) {
  // Nobody called Wait(), and the destructor need not wait. A leak shows under AddressSanitizer.
  using W = TypeParam;
  std::atomic<int> ran{0};
  With<W>(4, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> outer(scheduler);
    outer.Spawn(
        [&] {
          typename W::Parker done;
          BasicTaskGroup<W> group(scheduler);
          group.Spawn(
              [&] {
                ++ran;
                done.Unpark();
              },
              {.node = NodeId(1)});
          done.Park();
          W::Work(1'000'000);
        },
        {.node = NodeId(0)});
    outer.Wait();
  });
  EXPECT_EQ(ran.load(), 1);
}

// An outside thread spawns into a group while the only worker waits for it. Between the group's
// count and the injector, the worker may give up and park; then nobody sleeps whom the publisher
// could wake. Slow atomic instructions, and others who use the publisher's lines, leave room for
// it.
TEST(TimedCornersTest, AWaiterIsWokenForWhatOutsideThreadsSpawn) {
  using W = TimedWorld;
  const auto machine = Machine("core:2 pu:1");
  MachineModel slow;
  slow.rmw_ns = 20'000;
  for (Nanos delay = 0; delay < 1'000'000; delay += 10'000) {
    int ran = 0;
    const absl::Status status = RunTimed(*machine, slow, [&] {
      auto scheduler = BasicScheduler<W>::Create({.workers = 1, .topology = machine});
      ASSERT_TRUE(scheduler.ok());
      W::Work(10'000'000);  // the worker sleeps, and no token is left over from its start
      BasicTaskGroup<W> outer(**scheduler);
      W::Parker made, over;
      BasicTaskGroup<W>* inner = nullptr;
      outer.Spawn([&] {
        BasicTaskGroup<W> group(**scheduler);
        inner = &group;
        group.Spawn([&] {
          made.Unpark();
          W::Work(delay);
          ++ran;
        });
        group.Wait();
        over.Park();
        group.Wait();
      });
      made.Park();
      std::array<W::Thread, 8> others;
      for (W::Thread& other : others) {
        const auto refused = [&scheduler] {
          for (int i = 0; i < 10; ++i) {
            EXPECT_THROW((void)(*scheduler)->Submit(ThrowsWhenCopied()), std::runtime_error);
          }
        };
        ASSERT_TRUE(other.Start({.name = "other"}, refused).ok());
      }
      inner->Spawn([&] { ++ran; });
      over.Unpark();
      outer.Wait();
      for (W::Thread& other : others) other.Join();
    });
    ASSERT_TRUE(status.ok()) << status << ", delay " << delay;
    ASSERT_EQ(ran, 2);
  }
}

TYPED_TEST(CornersTest, AForkThatRanAsALastResortIsNotTakenForWhatIsPushedInItsPlace) {
  using W = TypeParam;
  With<W>(1, [](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W>* inner = nullptr;
    typename W::Parker made, spawned;
    bool before_its_turn = false;
    int right = 0, later = 0;
    BasicTaskGroup<W> outer(scheduler);
    outer.Spawn([&] {
      Invoke<W>(
          [&] {
            BasicTaskGroup<W> group(scheduler);
            inner = &group;
            made.Unpark();
            spawned.Park();
            group.Wait();  // for a task from outside, with nobody left to run it
            before_its_turn = right == 1;
            outer.Spawn([&] { ++later; });  // where the fork was
          },
          [&] { ++right; });
    });
    made.Park();
    inner->Spawn([] {});
    spawned.Unpark();
    outer.Wait();
    EXPECT_TRUE(before_its_turn) << "this test is about a fork that the last resort has run";
    EXPECT_EQ(right, 1);
    EXPECT_EQ(later, 1);
  });
}

TYPED_TEST(CornersTest, AForkThatItsParentsWaitRanIsNotTakenForWhatIsPushedInItsPlace) {
  using W = TypeParam;
  With<W>(1, [](BasicScheduler<W>& scheduler) {
    bool before_its_turn = false;
    int right = 0, later = 0;
    BasicTaskGroup<W> outer(scheduler);
    outer.Spawn([&] {
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([] {});
      Invoke<W>(
          [&] {
            group.Wait();  // the fork lies above the group's task
            before_its_turn = right == 1;
            outer.Spawn([&] { ++later; });  // where the group's task was
            outer.Spawn([&] { ++later; });  // where the fork was
          },
          [&] { ++right; });
    });
    outer.Wait();
    EXPECT_TRUE(before_its_turn) << "this test is about a fork that a wait has run";
    EXPECT_EQ(right, 1);
    EXPECT_EQ(later, 2);
  });
}

TEST(TimedCornersTest, TheLastResortTakesOneTaskAtATime) {
  // Both workers wait; the later one, T, takes the first task from outside, which ends the earlier
  // one's wait. The others are not T's to run: the earlier one is awake again.
  using W = TimedWorld;
  With<W>(2, [](BasicScheduler<W>& scheduler) {
    std::array<BasicTaskGroup<W>*, 2> groups{};
    W::Parker made, all_spawned[2];
    WorkerId t;
    bool t_waits = false;
    BasicTaskGroup<W> outer(scheduler);
    for (int i = 0; i < 2; ++i) {
      outer.Spawn([&, i] {
        BasicTaskGroup<W> group(scheduler);
        groups[static_cast<size_t>(i)] = &group;
        made.Unpark();
        all_spawned[i].Park();
        if (i == 1) {
          W::Work(100'000);
          t = Worker<W>::Current()->id();
          t_waits = true;
        }
        group.Wait();
        if (i == 1) t_waits = false;
      });
      made.Park();
    }
    groups[0]->Spawn([] {}, {.node = NodeId(0)});
    int unrelated = 0;
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(scheduler
                      .Submit(
                          [&] {
                            if (t_waits && Worker<W>::Current()->id() == t) ++unrelated;
                            W::Work(20'000);
                          },
                          {.node = NodeId(0)})
                      .ok());
    }
    groups[1]->Spawn([] {}, {.node = NodeId(0)});
    all_spawned[0].Unpark();
    all_spawned[1].Unpark();
    outer.Wait();
    EXPECT_EQ(unrelated, 0);
  });
}

// A creator that was alone with tiny tasks has become patient with its full deque; then its tasks
// are long, and thieves come.
TEST(FullDequeTest, AFormerLonersThievesDoNotStarve) {
  using W = TimedWorld;
  constexpr int kWorkers = 4, kTasks = 80;
  WithScheduler<W>("package:1 core:4 pu:1", {.workers = kWorkers},
                   [&](BasicScheduler<W>& scheduler) {
                     BasicTaskGroup<W> outer(scheduler), others(scheduler);
                     for (int i = 1; i < kWorkers; ++i) others.Spawn([] { W::Work(1'000'000); });
                     W::Work(100'000);
                     Nanos took = 0;
                     outer.Spawn([&] {
                       const Nanos begin = W::Now();
                       BasicTaskGroup<W> group(scheduler);
                       while (W::Now() - begin < 895'000) {
                         group.Spawn([] {});
                         W::SpinPause();
                       }
                       for (int i = 0; i < kTasks; ++i) group.Spawn([] { W::Work(100'000); });
                       group.Wait();
                       took = W::Now() - begin;
                     });
                     outer.Wait();
                     others.Wait();
                     EXPECT_LE(took, 900'000 + 100'000 * (kTasks / kWorkers + 5));
                   });
}

}  // namespace
}  // namespace tally
