// What workers do when there is nothing to do: sleep, stay hot, tell; and how they come and go.

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/policy/patience.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/keep_hot.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spares.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/watchdog.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class IdleTest : public testing::Test {
 protected:
  template <class Body>
  void With(SchedulerOptions options, const Body& body) {
    options.topology = Machine("package:2 numa:1 core:4 pu:1");
    RunIn<W>(*options.topology, [&] {
      auto scheduler = BasicScheduler<W>::Create(options);
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      body(**scheduler);
    });
  }

  // Until all workers sleep.
  static void Settle(BasicScheduler<W>& scheduler) {
    while (scheduler.Stats().sleeping < static_cast<uint32_t>(scheduler.workers())) W::SpinPause();
  }
};

TYPED_TEST_SUITE(IdleTest, Worlds, WorldNames);

TYPED_TEST(IdleTest, EachWorkersHooksRunOnItsThreadAroundItsTasks) {
  using W = TypeParam;
  std::mutex mutex;  // held for no world access, so it is fine in virtual time too
  std::set<void*> started, stopped;
  std::vector<std::string> names(3);
  std::atomic<int> unprepared{0};
  SchedulerOptions options{.workers = 3};
  options.thread_name = "crew";
  options.on_worker_start = [&](WorkerId worker) {
    const std::lock_guard<std::mutex> lock(mutex);
    EXPECT_TRUE(started.insert(&names[worker.index()]).second);
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    names[worker.index()] = name;
  };
  options.on_worker_stop = [&](WorkerId worker) {
    const std::lock_guard<std::mutex> lock(mutex);
    EXPECT_TRUE(stopped.insert(&names[worker.index()]).second);
  };
  this->With(options, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    for (int i = 0; i < 100; ++i) {
      group.Spawn([&] {
        const std::lock_guard<std::mutex> lock(mutex);
        const WorkerId here = Worker<W>::Current()->id();
        if (started.count(&names[here.index()]) == 0) ++unprepared;
        EXPECT_EQ(stopped.size(), 0u);
      });
    }
    group.Wait();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(stopped.size(), 3u);
  });
  EXPECT_EQ(started.size(), 3u);
  EXPECT_EQ(unprepared.load(), 0);
  if (!W::kSimulated) {
    EXPECT_EQ(names, (std::vector<std::string>{"crew-0", "crew-1", "crew-2"}));
  }
}

TYPED_TEST(IdleTest, AHookThatThrowsIsReportedAndStopsNobody) {
  using W = TypeParam;
  SchedulerOptions options{.workers = 2};
  options.on_worker_start = [](WorkerId) { throw std::runtime_error("no device"); };
  this->With(options, [&](BasicScheduler<W>& scheduler) {
    std::atomic<int> ran{0};
    ASSERT_TRUE(scheduler.Submit([&] { ++ran; }).ok());
    const auto report = scheduler.Shutdown();
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(ran.load(), 1);
    EXPECT_EQ(report->uncaught, 2u);
    EXPECT_EQ(report->first_uncaught, "no device");
  });
}

TYPED_TEST(IdleTest, InAHotScopeNobodySleepsAndAfterItEverybodyDoes) {
  using W = TypeParam;
  this->With({.workers = 4}, [&](BasicScheduler<W>& scheduler) {
    this->Settle(scheduler);
    {
      const BasicKeepHot<W> hot(scheduler);
      const BasicKeepHot<W> nested(scheduler);
      while (scheduler.Stats().sleeping != 0) W::SpinPause();
      const WorkerStats before = scheduler.Stats().Total();
      for (int i = 0; i < 20; ++i) {
        BasicTaskGroup<W> group(scheduler);
        group.Spawn([] {});
        group.Wait();
        W::Work(100'000);  // longer than anybody searches
      }
      const WorkerStats after = scheduler.Stats().Total();
      EXPECT_EQ(after.parks, before.parks);
      EXPECT_EQ(scheduler.Stats().sleeping, 0u);
    }
    this->Settle(scheduler);
    EXPECT_EQ(scheduler.Stats().sleeping, 4u);
  });
}

TYPED_TEST(IdleTest, ShutdownEndsAHotScopesEffect) {
  using W = TypeParam;
  this->With({.workers = 2}, [&](BasicScheduler<W>& scheduler) {
    const BasicKeepHot<W> hot(scheduler);
    std::atomic<int> ran{0};
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(scheduler.Submit([&] { ++ran; }).ok());
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(ran.load(), 10);
  });
}

TYPED_TEST(IdleTest, ADeadlineAtTheEndOfTimeIsNoDeadline) {
  using W = TypeParam;
  this->With({.workers = 2}, [&](BasicScheduler<W>& scheduler) {
    W::Work(1000);  // so that now is not 0
    ASSERT_TRUE(scheduler.Submit([] { W::Work(1'000'000); }).ok());
    const auto report = scheduler.Shutdown({.deadline_ns = std::numeric_limits<Nanos>::max()});
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->complete);
  });
}

TYPED_TEST(IdleTest, TheCostOfAWakeIsMeasuredWhereItIsNotAssumed) {
  using W = TypeParam;
  this->With({.workers = 1}, [&](BasicScheduler<W>& scheduler) {
    for (int i = 0; i < 5; ++i) {
      this->Settle(scheduler);
      W::Work(200'000);  // it is surely in the kernel now
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([] {});
      group.Wait();
    }
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    const Nanos measured = scheduler.Stats().Total().wake_latency_ns;
    if (W::kSimulated) {
      EXPECT_EQ(measured, 0);
    } else {
      EXPECT_GE(measured, WakeLatency::kLeast);
      EXPECT_LE(measured, WakeLatency::kMost);
    }
  });
}

TYPED_TEST(IdleTest, TheWatchdogTellsOfWorkThatEverybodySleepsOver) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:2 pu:1");
  std::atomic<int> told{0};
  std::string sentence;
  RunIn<W>(*machine, [&] {
    // Workers that were never started and say that they sleep: what a lost wake-up looks like.
    Crew<W> crew(machine, {CpuId(0), CpuId(1)});
    crew.spares = std::make_unique<Spares<W>>(crew, 0, nullptr, nullptr, nullptr);
    for (int w = 0; w < 2; ++w) {
      crew.workers.push_back(std::make_unique<Worker<W>>(crew, WorkerId(w), 1));
      crew.sleepers.Announce(static_cast<uint32_t>(w), false);
    }
    typename W::Parker bell;
    Watchdog<W> dog(crew, [&](const std::string& words) {
      sentence = words;
      ++told;
      bell.Unpark();
    });
    ASSERT_TRUE(dog.Start(1'000'000).ok());
    EXPECT_FALSE(bell.ParkUntil(W::Now() + 20'000'000)) << "nothing is queued: " << sentence;
    Task<W> task;
    crew.InjectorOf(NodeId(0), Priority::kNormal).Push(&task);
    bell.Park();
    EXPECT_FALSE(bell.ParkUntil(W::Now() + 20'000'000)) << "once is enough";
    dog.Stop();
    EXPECT_EQ(told.load(), 1);
    uint32_t turn = 0;
    (void)crew.InjectorOf(NodeId(0), Priority::kNormal).Take(turn, [](int64_t) { return 1; });
  });
  EXPECT_NE(sentence.find("1 tasks (1 of them in injectors), 2 of 2 workers asleep"),
            std::string::npos)
      << sentence;
}

TYPED_TEST(IdleTest, AWatchedSchedulerThatWorksOrIdlesIsNotBarkedAt) {
  using W = TypeParam;
  std::atomic<int> told{0};
  SchedulerOptions options{.workers = 3};
  options.watchdog = true;
  options.watchdog_interval_ns = 200'000;
  options.on_stall = [&](const std::string& words) {
    ADD_FAILURE() << words;
    ++told;
  };
  this->With(options, [&](BasicScheduler<W>& scheduler) {
    for (int round = 0; round < 20; ++round) {
      BasicTaskGroup<W> group(scheduler);
      for (int i = 0; i < 20; ++i) {
        group.Spawn([&scheduler] {
          BasicTaskGroup<W> inner(scheduler);
          for (int j = 0; j < 3; ++j) inner.Spawn([] { W::Work(20'000); });
          inner.Wait();
        });
      }
      group.Wait();
      W::Work(300'000);
    }
  });
  EXPECT_EQ(told.load(), 0);
}

}  // namespace
}  // namespace tally
