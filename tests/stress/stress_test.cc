// The scheduler on real threads, under as many of them as a test may take. No assertion on time: a
// lost wake-up ends in the watchdog. What is random in it is seeded; the schedule is the kernel's.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "numa/topology.h"
#include "scheduler/policy/random.h"
#include "scheduler/scheduler.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"
#include "tests/stress/slow_build.h"
#include "tests/stress/storm.h"
#include "tests/stress/watchdog.h"
#include "tests/two_worlds/worlds.h"

namespace tally::stress {
namespace {

class StressTest : public testing::Test {
 protected:
  template <class W = RealWorld>
  void Storms(const StormOptions& like, int storms) {
    const uint64_t first_seed = Mix64(static_cast<uint64_t>(like.workers)) % 1'000'000;
    printf("seeds %llu to %llu\n", static_cast<unsigned long long>(first_seed),
           static_cast<unsigned long long>(first_seed + static_cast<uint64_t>(storms) - 1));
    for (int i = 0; i < storms; ++i) {
      StormOptions options = like;
      options.machine = machine_;
      options.seed = first_seed + static_cast<uint64_t>(i);
      options.producers = 4;
      if (like.shutdown_after_ns >= 0) {
        Random random(options.seed);
        options.shutdown_after_ns = random.Below(static_cast<uint32_t>(2 * like.shutdown_after_ns));
      }
      options.progress = [this] { watchdog_.Progress(); };
      options.watch = [this](const Watchdog::Look& look) { watchdog_.Watch(look); };
      Storm<W>(options).Run();
      ASSERT_FALSE(HasFailure()) << "seed " << options.seed;
    }
  }

  static int Oversubscribed() {
    return 4 * static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }

  std::shared_ptr<const Topology> machine_ = Machine("package:2 numa:2 core:2 pu:1");
  Watchdog watchdog_;
};

TEST_F(StressTest, StormsOfOneWorker) { Storms({.workers = 1, .rounds = 40}, Rounds(80)); }
TEST_F(StressTest, StormsOfTwoWorkers) { Storms({.workers = 2, .rounds = 40}, Rounds(80)); }
TEST_F(StressTest, StormsOfFourTimesAsManyWorkersAsCpus) {
  Storms({.workers = Oversubscribed(), .rounds = 40}, Rounds(80));
}
TEST_F(StressTest, ShutdownsAmidStorms) {
  Storms({.workers = 3, .rounds = 40, .shutdown_after_ns = 500'000}, Rounds(200));
}
TEST_F(StressTest, CancelledShutdownsAmidStorms) {
  Storms({.workers = 3, .rounds = 40, .shutdown_after_ns = 500'000, .cancel = true}, Rounds(200));
}

// With threads that are stopped in the middle of what others take to be a few instructions.
TEST_F(StressTest, StormsOfWorkersThatAreStopped) {
  Storms<PreemptedWorld>({.workers = 2, .rounds = 40}, Rounds(80));
}
TEST_F(StressTest, ShutdownsAmidStormsOfWorkersThatAreStopped) {
  Storms<PreemptedWorld>({.workers = 3, .rounds = 40, .shutdown_after_ns = 1'000'000}, Rounds(100));
}

TEST_F(StressTest, SchedulersComeAndGoAtTheSameTime) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      Random random(static_cast<uint64_t>(t) + 1);
      for (int i = 0; i < Rounds(50); ++i) {
        auto scheduler = Scheduler::Create({.workers = static_cast<int>(1 + random.Below(4)),
                                            .topology = machine_,
                                            .bind = false});
        ASSERT_TRUE(scheduler.ok()) << scheduler.status();
        std::atomic<uint64_t> ran{0};
        const uint32_t tasks = random.Below(3) == 0 ? 0 : random.Below(50);
        for (uint32_t task = 0; task < tasks; ++task) {
          ASSERT_TRUE((*scheduler)->Submit([&ran] { ++ran; }).ok());
        }
        switch (random.Below(3)) {
          case 0: {
            const auto report = (*scheduler)->Shutdown({.drain = false});
            ASSERT_TRUE(report.ok());
            EXPECT_EQ(ran + report->dropped, tasks);
            break;
          }
          case 1: {
            const auto report =
                (*scheduler)->Shutdown({.deadline_ns = 0});  // a look, then the rest
            ASSERT_TRUE(report.ok());
            [[fallthrough]];
          }
          default:
            scheduler->reset();
            EXPECT_EQ(ran.load(), tasks);
        }
        watchdog_.Progress();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(StressTest, EveryBurstCompletes) {
  // Between the bursts, pauses around the time that workers search before they sleep.
  for (const int workers : {1, 2, Oversubscribed()}) {
    auto scheduler = Scheduler::Create({.workers = workers, .topology = machine_, .bind = false});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    watchdog_.Watch([&] { return (*scheduler)->Stats(); });
    Random random(static_cast<uint64_t>(workers));
    TaskGroup group(**scheduler);
    for (int i = 0; i < Rounds(8000); ++i) {
      std::atomic<uint32_t> ran{0};
      const uint32_t tasks = 1 + random.Below(random.Below(8) == 0 ? 40 : 3);
      for (uint32_t task = 0; task < tasks; ++task) {
        group.Spawn([&ran] { ++ran; }, {.node = NodeId(static_cast<int>(random.Below(5)) - 1)});
      }
      group.Wait();
      ASSERT_EQ(ran.load(), tasks);
      RealWorld::Work(random.Below(random.Below(16) == 0 ? 200'000 : 30'000));
      watchdog_.Progress();
    }
    watchdog_.Watch(nullptr);
  }
}

TEST_F(StressTest, WhoIsIdleStaysAsleep) {
  auto scheduler = Scheduler::Create({.workers = 4, .topology = machine_, .bind = false});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();
  for (int round = 0; round < 10; ++round) {
    ParallelFor(**scheduler, 0, 1000, [](int64_t) {}, {.grain = 1});
    // Until nobody parks any more, for parking is what who wakes for nothing does.
    SchedulerStats before, after;
    do {
      before = (*scheduler)->Stats();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      after = (*scheduler)->Stats();
    } while (after.sleeping < 4 || after.searching > 0 ||
             after.Total().parks != before.Total().parks ||
             after.Total().spurious_wakes != before.Total().spurious_wakes);
    watchdog_.Progress();
  }
}

}  // namespace
}  // namespace tally::stress
