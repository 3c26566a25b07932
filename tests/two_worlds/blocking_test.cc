// Tasks that block: a spare worker stands in.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class BlockingTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, int spares, const Body& body) {
    WithScheduler<W>("package:1 core:4 pu:1", {.workers = workers, .spares = spares}, body);
  }
};

TYPED_TEST_SUITE(BlockingTest, Worlds, WorldNames);

TYPED_TEST(BlockingTest, WhoBlocksForALaterTaskGetsItRunByAStandIn) {
  using W = TypeParam;
  for (const int workers : {1, 3}) {
    this->With(workers, workers, [&](BasicScheduler<W>& scheduler) {
      for (int round = 0; round < 20; ++round) {
        BasicTaskGroup<W> group(scheduler);
        std::atomic<int> passed{0};
        for (int i = 0; i < workers; ++i) {
          group.Spawn([&] {
            typename W::Parker later;
            EXPECT_TRUE(scheduler.Submit([&] { later.Unpark(); }).ok());
            const BasicBlockingScope<W> scope;
            const BasicBlockingScope<W> nested;
            later.Park();
            ++passed;
          });
        }
        group.Wait();
        EXPECT_EQ(passed.load(), workers);
      }
      EXPECT_EQ(scheduler.workers(), workers);
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      const SchedulerStats stats = scheduler.Stats();
      EXPECT_EQ(stats.workers.size(), static_cast<size_t>(workers));
      EXPECT_EQ(stats.Total().blocking, static_cast<uint64_t>(20 * workers)) << "nested ones too";
      EXPECT_EQ(stats.Total().blocking_alone, 0u);
      if (workers == 1) {
        EXPECT_GE(stats.spares.executed[2], 20u);
      }
    });
  }
}

TYPED_TEST(BlockingTest, AStandInLeavesNothingBehindWhenItGoes) {
  using W = TypeParam;
  this->With(2, 2, [&](BasicScheduler<W>& scheduler) {
    std::atomic<int> ran{0};
    BasicTaskGroup<W> group(scheduler);
    for (int round = 0; round < 40; ++round) {
      group.Spawn([&] {
        for (int i = 0; i < 30; ++i) {
          group.Spawn([&] {
            W::Work(2000);
            ++ran;
          });
        }
        const BasicBlockingScope<W> scope;
        W::Work(20'000);
      });
    }
    group.Wait();
    EXPECT_EQ(ran.load(), 1200);
    const auto report = scheduler.Shutdown();
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->executed, 1240u);
  });
}

TYPED_TEST(BlockingTest, WithoutASpareThoseWhoWaitStillGetHelp) {
  using W = TypeParam;
  this->With(2, 0, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker blocked, may_go_on;
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([&] {
      const BasicBlockingScope<W> scope;
      blocked.Unpark();
      may_go_on.Park();
    });
    blocked.Park();
    // The other worker waits for a task that only somebody else would run, and nobody else is left:
    // the group was made by a thread outside.
    BasicTaskGroup<W> later(scheduler);
    group.Spawn([&] {
      BasicTaskGroup<W> inner(scheduler);
      EXPECT_TRUE(scheduler.Submit([&] { may_go_on.Unpark(); }).ok());
      inner.Spawn([] {});
      inner.Wait();
      later.Wait();
    });
    group.Wait();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
  });
}

// One waits, parked, while the other is left to run what is queued; and then the other blocks.
TYPED_TEST(BlockingTest, WhoBlocksAloneTellsThoseWhoWait) {
  using W = TypeParam;
  this->With(2, 0, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> blocks(scheduler), waits(scheduler);
    typename W::Parker runs, go_on, later;
    blocks.Spawn([&] {
      runs.Unpark();
      go_on.Park();
      const BasicBlockingScope<W> scope;
      later.Park();
    });
    runs.Park();
    waits.Spawn([&] { blocks.Wait(); });
    while (scheduler.Stats().Total().waits_parked == 0) W::SpinPause();
    EXPECT_TRUE(scheduler.Submit([&] { later.Unpark(); }).ok());
    go_on.Unpark();
    waits.Wait();
    EXPECT_EQ(scheduler.Stats().Total().blocking_alone, 1u);
  });
}

// A spare that waits keeps what it waits for within reach of others.
TYPED_TEST(BlockingTest, AWaitInAScopeHelpsAsAnyOther) {
  using W = TypeParam;
  for (const int spares : {0, 1, 2}) {
    this->With(2, spares, [&](BasicScheduler<W>& scheduler) {
      std::atomic<int> ran{0};
      for (int round = 0; round < 20; ++round) {
        BasicTaskGroup<W> group(scheduler);
        for (int i = 0; i < 6; ++i) {
          group.Spawn([&] {
            const BasicBlockingScope<W> scope;
            BasicTaskGroup<W> inner(scheduler);
            for (int j = 0; j < 10; ++j) {
              inner.Spawn([&] {
                const BasicBlockingScope<W> own;
                W::Work(500);
                ++ran;
              });
            }
            inner.Wait();
            W::Work(1000);
          });
        }
        group.Wait();
      }
      EXPECT_EQ(ran.load(), 20 * 60);
      EXPECT_EQ(scheduler.Stats().Total().blocking, 20u * 66);
      EXPECT_TRUE(scheduler.Shutdown()->complete);
    });
  }
}

// As many tasks as there are workers and spares, each of which blocks until the next one runs.
TYPED_TEST(BlockingTest, AsManyTasksMayBlockAsThereAreWorkersAndSpares) {
  using W = TypeParam;
  for (const int workers : {1, 2, 4}) {
    for (const int spares : {1, 3, 7}) {
      this->With(workers, spares, [&](BasicScheduler<W>& scheduler) {
        const size_t tasks = static_cast<size_t>(workers + spares);
        for (int round = 0; round < 10; ++round) {
          std::vector<typename W::Parker> bells(tasks);
          BasicTaskGroup<W> group(scheduler);
          for (size_t i = 0; i < tasks; ++i) {
            group.Spawn([&, i] {
              if (i > 0) bells[i - 1].Unpark();
              if (i + 1 == tasks) return;
              const BasicBlockingScope<W> scope;
              bells[i].Park();
            });
          }
          EXPECT_TRUE(group.Wait());
        }
        EXPECT_TRUE(scheduler.Shutdown()->complete);
        EXPECT_EQ(scheduler.Stats().Total().blocking, (tasks - 1) * 10);
        // The last ones: with all spares serving, so many workers are left to block.
        EXPECT_LE(scheduler.Stats().Total().blocking_alone,
                  static_cast<uint64_t>(workers - 1) * 10);
      });
    }
  }
}

TYPED_TEST(BlockingTest, ThreadsAreStartedOnceAndServeAgain) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    std::atomic<int> started{0}, stopped{0};
    SchedulerOptions options{.workers = 1, .topology = machine};
    options.spares = 4;
    options.on_worker_start = [&](WorkerId) { ++started; };
    options.on_worker_stop = [&](WorkerId) { ++stopped; };
    auto scheduler = BasicScheduler<W>::Create(options);
    ASSERT_TRUE(scheduler.ok());
    for (int round = 0; round < 100; ++round) {
      BasicTaskGroup<W> group(**scheduler);
      typename W::Parker bell;
      group.Spawn([&] {
        const BasicBlockingScope<W> scope;
        bell.Park();
      });
      group.Spawn([&] { bell.Unpark(); });
      group.Wait();
    }
    EXPECT_LE(started.load(), 2 + 1) << "the worker, its spare; one more if that had not gone yet";
    EXPECT_TRUE((*scheduler)->Shutdown()->complete);
    EXPECT_EQ(stopped.load(), started.load());
  });
}

TEST(BlockingOptionsTest, SaysHowManySparesThereMayBe) {
  for (const int spares : {-1, 49}) {
    SchedulerOptions options{.workers = 1};
    options.spares = spares;
    const auto scheduler = BasicScheduler<RealWorld>::Create(options);
    ASSERT_FALSE(scheduler.ok());
    EXPECT_EQ(scheduler.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(scheduler.status().message(),
              absl::StrCat("spares must be between 0 and 48, not ", spares));
  }
}

// Scopes of every length, in tasks that also spawn and wait, and a shutdown in the middle of it.
TYPED_TEST(BlockingTest, ScopesComeAndGoWhileTheSchedulerStops) {
  using W = TypeParam;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const int workers = static_cast<int>(1 + seed % 4), spares = static_cast<int>(seed / 4 % 4);
    this->With(workers, spares, [&](BasicScheduler<W>& scheduler) {
      std::atomic<int> spawned{0}, ran{0};
      const std::function<void(int, uint64_t)> grow = [&](int depth, uint64_t from) {
        Random random(from);
        ++ran;
        BasicTaskGroup<W> group(scheduler);
        for (uint32_t i = depth > 0 ? 1 + random.Below(4) : 0; i > 0; --i) {
          ++spawned;
          const uint64_t next = random.Next();
          group.Spawn([&grow, depth, next] { grow(depth - 1, next); });
        }
        if (random.Below(2) == 0) {
          const BasicBlockingScope<W> scope;
          W::Work(random.Below(20'000));
          if (random.Below(4) == 0) group.Wait();
        }
        group.Wait();
      };
      BasicTaskGroup<W> group(scheduler);
      for (uint64_t i = 0; i < 10; ++i) {
        ++spawned;
        group.Spawn([&grow, seed, i] { grow(4, Mix64(seed * 100 + i)); });
      }
      W::Work(Random(seed).Below(200'000));
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      EXPECT_TRUE(group.Wait());
      EXPECT_EQ(ran.load(), spawned.load());
      EXPECT_EQ(scheduler.Stats().Total().queued, 0);
    });
    ASSERT_FALSE(this->HasFailure()) << "seed " << seed;
  }
}

TYPED_TEST(BlockingTest, TwoSchedulersMayWaitForEachOther) {
  using W = TypeParam;
  this->With(1, 1, [&](BasicScheduler<W>& one) {
    const auto machine = Machine("package:1 core:4 pu:1");
    SchedulerOptions options{.workers = 1, .topology = machine};
    options.spares = 1;
    auto two = BasicScheduler<W>::Create(options);
    ASSERT_TRUE(two.ok());
    std::atomic<int> ran{0};
    BasicTaskGroup<W> outer(one);
    outer.Spawn([&] {
      BasicTaskGroup<W> there(**two);
      there.Spawn([&] {
        BasicTaskGroup<W> back(one);
        back.Spawn([&] { ++ran; });
        back.Wait();
        ++ran;
      });
      there.Wait();
      ++ran;
    });
    outer.Wait();
    EXPECT_EQ(ran.load(), 3);
    EXPECT_TRUE((*two)->Shutdown()->complete);
  });
}

// Tasks of each wait for tasks of the other, several times over.
TYPED_TEST(BlockingTest, CrossedWaitsOfTwoSchedulersEnd) {
  using W = TypeParam;
  this->With(2, 16, [&](BasicScheduler<W>& one) {
    const auto machine = Machine("package:1 core:4 pu:1");
    SchedulerOptions options{.workers = 2, .topology = machine};
    options.spares = 16;
    auto two = BasicScheduler<W>::Create(options);
    ASSERT_TRUE(two.ok());
    std::atomic<int> ran{0};
    const std::function<void(int)> cross = [&](int depth) {
      ++ran;
      if (depth == 0) return;
      BasicTaskGroup<W> group(depth % 2 == 0 ? one : **two);
      for (int i = 0; i < 2; ++i) group.Spawn([&cross, depth] { cross(depth - 1); });
      group.Wait();
    };
    for (int round = 0; round < 20; ++round) {
      BasicTaskGroup<W> here(one), there(**two);
      here.Spawn([&] { cross(3); });   // begins on one, goes on on two
      there.Spawn([&] { cross(4); });  // the other way round
      here.Wait();
      there.Wait();
    }
    EXPECT_EQ(ran.load(), 20 * (15 + 31));
    EXPECT_TRUE((*two)->Shutdown()->complete);
  });
}

// ... and one is shut down by a task of the other, whose last task waits for the first.
TYPED_TEST(BlockingTest, ATaskMayShutDownAnotherScheduler) {
  using W = TypeParam;
  this->With(1, 1, [&](BasicScheduler<W>& one) {
    const auto machine = Machine("package:1 core:4 pu:1");
    auto two = BasicScheduler<W>::Create({.workers = 1, .topology = machine});
    ASSERT_TRUE(two.ok());
    std::atomic<int> ran{0};
    BasicTaskGroup<W> group(one);
    group.Spawn([&] {
      EXPECT_TRUE((*two)
                      ->Submit([&] {
                        BasicTaskGroup<W> back(one);
                        back.Spawn([&] { ++ran; });
                        back.Wait();
                        ++ran;
                      })
                      .ok());
      EXPECT_TRUE((*two)->Shutdown()->complete);
      EXPECT_EQ(ran.load(), 2);
    });
    EXPECT_TRUE(group.Wait());
  });
}

TYPED_TEST(BlockingTest, OutsideAScopeDoesNothing) {
  using W = TypeParam;
  const BasicBlockingScope<W> scope;
  EXPECT_EQ(W::Current(), nullptr);
}

}  // namespace
}  // namespace tally
