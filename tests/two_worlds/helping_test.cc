// Outside threads that help while they wait.

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class HelpingTest : public testing::Test {
 protected:
  // One worker, which is in a task until `busy` is told to go on.
  template <class Body>
  void WithBusyWorker(int helpers, const Body& body) {
    const auto machine = Machine("package:1 core:4 pu:1");
    RunIn<W>(*machine, [&] {
      SchedulerOptions options{.workers = 1, .topology = machine};
      options.spares = helpers;
      options.outside_helpers = helpers;
      auto scheduler = BasicScheduler<W>::Create(options);
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      typename W::Parker runs, go_on;
      ASSERT_TRUE((*scheduler)
                      ->Submit([&] {
                        runs.Unpark();
                        go_on.Park();
                      })
                      .ok());
      runs.Park();
      body(**scheduler, go_on);
      go_on.Unpark();
      EXPECT_TRUE((*scheduler)->Shutdown()->complete);
      EXPECT_EQ((*scheduler)->Stats().Total().queued, 0);
    });
  }

  static WorkerId Here() {
    const Worker<W>* const worker = Worker<W>::Current();
    return worker != nullptr ? worker->id() : WorkerId();
  }
};

TYPED_TEST_SUITE(HelpingTest, Worlds, WorldNames);

TYPED_TEST(HelpingTest, RunsItsGroupWhileAllWorkersAreBusy) {
  using W = TypeParam;
  this->WithBusyWorker(1, [&](BasicScheduler<W>& scheduler, typename W::Parker&) {
    BasicTaskGroup<W> group(scheduler);
    std::atomic<int> ran{0};
    for (int i = 0; i < 100; ++i) {
      group.Spawn(
          [&] {
            EXPECT_EQ(this->Here(), WorkerId(1)) << "the spare that the waiter is";
            ++ran;
          },
          {.priority = static_cast<Priority>(i % kPriorities)});
    }
    EXPECT_TRUE(group.Wait());
    EXPECT_EQ(ran.load(), 100);
    EXPECT_EQ(this->Here(), WorkerId());
    uint64_t executed = 0;
    for (const uint64_t each : scheduler.Stats().spares.executed) executed += each;
    EXPECT_EQ(executed, 100u);
  });
}

// Before or behind its group's tasks in the injector: others' are not touched.
TYPED_TEST(HelpingTest, RunsNobodyElsesTasks) {
  using W = TypeParam;
  for (const bool behind : {false, true}) {
    this->WithBusyWorker(1, [&](BasicScheduler<W>& scheduler, typename W::Parker& go_on) {
      WorkerId others, own;
      const auto submit = [&] {
        EXPECT_TRUE(scheduler.Submit([&] { others = this->Here(); }).ok());
      };
      BasicTaskGroup<W> group(scheduler);
      if (!behind) submit();
      group.Spawn([&] { own = this->Here(); });
      if (behind) submit();
      typename W::Thread releaser;
      if (!behind) {
        // Nobody else will run it; so the worker has to become free.
        ASSERT_TRUE(releaser
                        .Start({},
                               [&] {
                                 W::Work(2'000'000);
                                 go_on.Unpark();
                               })
                        .ok());
      }
      group.Wait();
      if (!behind) releaser.Join();
      EXPECT_EQ(own, WorkerId(behind ? 1 : 0));
      EXPECT_EQ(others, behind ? WorkerId() : WorkerId(0));
      go_on.Unpark();
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      EXPECT_EQ(others, WorkerId(0));
    });
  }
}

TYPED_TEST(HelpingTest, IsAWholeWorkerMeanwhileAndLeavesNothingBehind) {
  using W = TypeParam;
  this->WithBusyWorker(1, [&](BasicScheduler<W>& scheduler, typename W::Parker& go_on) {
    BasicTaskGroup<W> group(scheduler);
    std::atomic<int> ran{0}, later{0};
    int sum = 0;
    group.Spawn([&] {
      BasicTaskGroup<W> inner(scheduler);
      for (int i = 0; i < 20; ++i) inner.Spawn([&] { ++ran; });
      inner.Wait();
      const auto [a, b] = Invoke<W>([] { return 1; }, [] { return 2; });
      sum = a + b;
      for (int i = 0; i < 700; ++i) {  // more than a deque holds
        EXPECT_TRUE(scheduler.Submit([&] { ++later; }).ok());
      }
      const BasicBlockingScope<W> scope;
    });
    EXPECT_TRUE(group.Wait());
    EXPECT_EQ(ran.load(), 20);
    EXPECT_EQ(sum, 3);
    go_on.Unpark();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(later.load(), 700);
  });
}

// When nobody is there any more: the worker has left a crew that stops, for the task that the
// waiter runs is in no account but its group's.
TYPED_TEST(HelpingTest, WhatItLeavesBehindLastIsClearedAway) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    typename W::Parker runs, go_on, helps, worker_left;
    SchedulerOptions options{.workers = 1, .topology = machine};
    options.spares = 1;
    options.outside_helpers = 1;
    options.on_worker_stop = [&](WorkerId worker) {
      if (worker == WorkerId(0)) worker_left.Unpark();
    };
    auto scheduler = BasicScheduler<W>::Create(options);
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    const auto busy = [&] {
      runs.Unpark();
      go_on.Park();
    };
    ASSERT_TRUE((*scheduler)->Submit(busy).ok());
    runs.Park();
    bool ran = false;
    typename W::Thread waiter;
    const auto wait = [&] {
      BasicTaskGroup<W> last(**scheduler), group(**scheduler);
      group.Spawn([&] {
        group.Spawn([&] {
          helps.Unpark();
          worker_left.Park();
          last.Spawn([&] { ran = true; });
        });
      });
      group.Wait();
      last.Wait();
    };
    ASSERT_TRUE(waiter.Start({}, wait).ok());
    helps.Park();
    go_on.Unpark();
    EXPECT_TRUE((*scheduler)->Shutdown()->complete);
    waiter.Join();
    EXPECT_TRUE(ran);
  });
}

TYPED_TEST(HelpingTest, KeepsExceptionsForWait) {
  using W = TypeParam;
  this->WithBusyWorker(1, [&](BasicScheduler<W>& scheduler, typename W::Parker&) {
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([] { throw std::runtime_error("enough"); });
    for (int i = 0; i < 10; ++i) group.Spawn([] { ADD_FAILURE() << "its sibling threw"; });
    EXPECT_THROW(group.Wait(), std::runtime_error);
  });
}

TYPED_TEST(HelpingTest, WithoutLeaveItSleeps) {
  using W = TypeParam;
  this->WithBusyWorker(0, [&](BasicScheduler<W>& scheduler, typename W::Parker& go_on) {
    BasicTaskGroup<W> group(scheduler);
    WorkerId where;
    group.Spawn([&] { where = this->Here(); });
    typename W::Thread releaser;
    const auto release = [&] {
      W::Work(1'000'000);
      go_on.Unpark();
    };
    ASSERT_TRUE(releaser.Start({}, release).ok());
    group.Wait();
    releaser.Join();
    EXPECT_EQ(where, WorkerId(0));
  });
}

TYPED_TEST(HelpingTest, ManyWaitersHelpUntilTheSchedulerStops) {
  using W = TypeParam;
  const auto machine = Machine("package:2 core:2 pu:1");
  for (int helpers = 0; helpers <= 3; ++helpers) {
    RunIn<W>(*machine, [&] {
      SchedulerOptions options{.workers = 2, .topology = machine};
      options.outside_helpers = helpers;
      auto scheduler = BasicScheduler<W>::Create(options);
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      std::atomic<int> ran{0};
      std::vector<typename W::Thread> threads(4);
      for (typename W::Thread& thread : threads) {
        const auto work = [&] {
          for (int round = 0; round < 50; ++round) {
            BasicTaskGroup<W> group(**scheduler);
            for (int i = 0; i < 20; ++i) {
              group.Spawn([&] {
                W::Work(1000);
                ++ran;
              });
            }
            group.Wait();
          }
        };
        ASSERT_TRUE(thread.Start({}, work).ok());
      }
      W::Work(200'000);
      EXPECT_TRUE((*scheduler)->Shutdown()->complete);
      for (typename W::Thread& thread : threads) thread.Join();
      EXPECT_EQ(ran.load(), 4 * 50 * 20);
    });
  }
}

TEST(HelpingOptionsTest, SaysHowManyMayHelp) {
  SchedulerOptions options{.workers = 1};
  options.outside_helpers = 8;
  const auto scheduler = BasicScheduler<RealWorld>::Create(options);
  ASSERT_FALSE(scheduler.ok());
  EXPECT_EQ(scheduler.status(),
            absl::InvalidArgumentError("outside_helpers must be between 0 and 7, not 8"));
}

}  // namespace
}  // namespace tally
