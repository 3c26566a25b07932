// Groups that stop early, and long tasks that make room.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/parallel_reduce.h"
#include "scheduler/runtime/should_yield.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/stop_token.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class StoppingTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, const Body& body) {
    WithScheduler<W>("package:2 numa:1 core:4 pu:1",
                     {.workers = workers, .placement = PlacementPolicy::kScatter}, body);
  }
};

TYPED_TEST_SUITE(StoppingTest, Worlds, WorldNames);

// Counts the copies of itself that live.
class Counted {
 public:
  explicit Counted(std::atomic<int>& alive) : alive_(&alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  std::atomic<int>* alive_;
};

TYPED_TEST(StoppingTest, AStoppedGroupSkipsWhatHasNotBegunAndDestroysIt) {
  using W = TypeParam;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    std::atomic<int> ran{0}, alive{0};
    typename W::Parker first_runs, may_go_on;
    std::atomic<bool> saw_it{false};
    const StopToken token = group.stop_token();
    EXPECT_FALSE(token.stop_requested());
    group.Spawn([&] {
      first_runs.Unpark();
      may_go_on.Park();
      saw_it = token.stop_requested();
    });
    first_runs.Park();
    for (int i = 0; i < 100; ++i) group.Spawn([&ran, counted = Counted(alive)] { ++ran; });
    group.RequestStop();
    may_go_on.Unpark();
    EXPECT_FALSE(group.Wait()) << "not all have run";
    EXPECT_EQ(ran.load(), 0);
    EXPECT_EQ(alive.load(), 0);
    EXPECT_TRUE(saw_it.load());
    EXPECT_FALSE(token.stop_requested()) << "the group can be used again";
    group.Spawn([&] { ++ran; });
    EXPECT_TRUE(group.Wait());
    EXPECT_EQ(ran.load(), 1);
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(scheduler.Stats().Total().skipped, 100u);
  });
}

TYPED_TEST(StoppingTest, TheFirstExceptionCancelsItsSiblingsAndNobodyElse) {
  using W = TypeParam;
  for (const int workers : {1, 4}) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      std::atomic<int> begun{0}, others{0};
      BasicTaskGroup<W> group(scheduler), other(scheduler);
      group.Spawn([&] {
        BasicTaskGroup<W> inner(scheduler);
        for (int i = 0; i < 400; ++i) {
          inner.Spawn([&] {
            ++begun;
            W::Work(1000);
            throw std::runtime_error("enough");
          });
        }
        for (int i = 0; i < 50; ++i) other.Spawn([&] { ++others; });
        EXPECT_THROW(inner.Wait(), std::runtime_error);
      });
      EXPECT_TRUE(group.Wait());
      EXPECT_TRUE(other.Wait());
      EXPECT_EQ(others.load(), 50);
      EXPECT_GE(begun.load(), 1);
      // Whoever had begun when the first one threw: one per worker, or a few where threads are
      // late.
      if (W::kSimulated) {
        EXPECT_LE(begun.load(), workers);
      }
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      EXPECT_EQ(scheduler.Stats().Total().skipped + begun.load(), 400u);
    });
  }
}

TYPED_TEST(StoppingTest, ALoopTakesNoMorePiecesOnceItsTokenAsksToStop) {
  using W = TypeParam;
  for (const int workers : {1, 4}) {
    for (const int64_t grain : {0, 1, 7}) {
      this->With(workers, [&](BasicScheduler<W>& scheduler) {
        constexpr int64_t kSize = 100'000;
        BasicTaskGroup<W> group(scheduler);
        const LoopOptions options{.grain = grain, .stop = group.stop_token()};
        std::atomic<int64_t> ran{0}, late{0};
        std::atomic<bool> stopped{false};
        bool all = true;
        int64_t sum = -1;
        const auto body = [&](int64_t i) {
          // Who has taken pieces before the request may end them.
          if (stopped.load()) ++late;
          W::Work(50);
          if (++ran == 500) {
            group.RequestStop();
            stopped = true;
          }
          EXPECT_LT(i, kSize);
        };
        group.Spawn([&] {
          all = ParallelFor(scheduler, 0, kSize, body, options);
          sum = ParallelReduce(
              scheduler, 0, kSize, int64_t{7}, [](int64_t) { return int64_t{1}; }, std::plus(),
              options);
        });
        EXPECT_TRUE(group.Wait()) << "the one task has run";
        EXPECT_FALSE(all);
        EXPECT_EQ(sum, 7) << "the identity: it was stopped before it began";
        EXPECT_GE(ran.load(), 500);
        if (W::kSimulated) {
          EXPECT_LT(late.load(), 64 * workers * (grain == 0 ? 40 : grain)) << "pieces began";
        }
        EXPECT_LT(ran.load(), kSize);
        // The request is over: so are its effects.
        EXPECT_TRUE(ParallelFor(
            scheduler, 0, 1000, [&](int64_t) { ++ran; }, options));
      });
    }
  }
}

TYPED_TEST(StoppingTest, AnExceptionOfTheGroupStopsItsLoops) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    std::atomic<bool> begun{false};
    bool all = true;
    typename W::Parker runs;
    group.Spawn([&] {
      runs.Park();
      throw std::runtime_error("enough");
    });
    group.Spawn([&] {
      all = ParallelFor(scheduler, 0, INT64_MAX,
                        [&](int64_t) {
                          if (!begun.exchange(true)) runs.Unpark();
                          W::Work(1000);
                        },
                        {.stop = group.stop_token()});
    });
    EXPECT_THROW(group.Wait(), std::runtime_error);
    EXPECT_FALSE(all);
  });
}

TYPED_TEST(StoppingTest, AfterACancelledShutdownWaitSaysThatNotAllHaveRun) {
  using W = TypeParam;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    typename W::Parker first_runs, may_go_on;
    std::atomic<int> ran{0};
    group.Spawn([&] {
      first_runs.Unpark();
      may_go_on.Park();
      ++ran;
    });
    first_runs.Park();
    for (int i = 0; i < 10; ++i) group.Spawn([&] { ++ran; });
    typename W::Thread closer;
    ASSERT_TRUE(closer
                    .Start({},
                           [&] {
                             const auto report = scheduler.Shutdown({.drain = false});
                             EXPECT_GE(report->dropped, 10u);
                           })
                    .ok());
    while (scheduler.Submit([] {}).ok()) W::SpinPause();  // until it refuses
    W::Work(1'000'000);                                   // and has cancelled
    W::SpinPause();
    may_go_on.Unpark();
    EXPECT_FALSE(group.Wait());
    EXPECT_EQ(ran.load(), 1);
    closer.Join();
  });
}

TYPED_TEST(StoppingTest, ALongTaskIsToldOfWhatIsMoreUrgentAndOfNothingElse) {
  using W = TypeParam;
  EXPECT_FALSE(ShouldYield<W>()) << "outside there is nobody to make room for";
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker runs, submitted;
    bool before = true, with_less = true, with_own = false, with_more = false, critical = true;
    BasicTaskGroup<W> group(scheduler);
    group.Spawn(
        [&] {
          before = ShouldYield<W>();
          runs.Unpark();
          submitted.Park();
          with_less = ShouldYield<W>();
          runs.Unpark();
          submitted.Park();
          with_more = ShouldYield<W>();
        },
        {.priority = Priority::kNormal});
    runs.Park();
    group.Spawn([] {}, {.priority = Priority::kNormal});
    group.Spawn([] {}, {.priority = Priority::kLow});
    submitted.Unpark();
    runs.Park();
    group.Spawn([] {}, {.priority = Priority::kHigh});
    submitted.Unpark();
    group.Wait();
    group.Spawn([&] {
      EXPECT_TRUE(scheduler.Submit([] {}, {.priority = Priority::kCritical}).ok());
      with_own = ShouldYield<W>();
    });
    group.Wait();
    group.Spawn(
        [&] {
          EXPECT_TRUE(scheduler.Submit([] {}, {.priority = Priority::kCritical}).ok());
          critical = ShouldYield<W>();
        },
        {.priority = Priority::kCritical});
    group.Wait();
    EXPECT_FALSE(before);
    EXPECT_FALSE(with_less);
    EXPECT_TRUE(with_more);
    EXPECT_TRUE(with_own);
    EXPECT_FALSE(critical) << "nothing is more urgent than that";
  });
}

TYPED_TEST(StoppingTest, WhoWaitsLendsTheGroupHisPriority) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker low_runs, waits;
    Priority spawned = Priority::kNormal, nested = Priority::kNormal;
    const auto running = [] { return Worker<W>::Current()->frame().priority; };
    BasicTaskGroup<W> all(scheduler);
    all.Spawn(
        [&] {
          BasicTaskGroup<W> group(scheduler);
          group.Spawn(
              [&] {
                low_runs.Unpark();
                waits.Park();
                group.Spawn(
                    [&] {
                      spawned = running();
                      BasicTaskGroup<W> inner(scheduler);
                      inner.Spawn([&] { nested = running(); });
                      inner.Wait();
                    },
                    {.priority = Priority::kLow});
              },
              {.priority = Priority::kLow});
          // On the other worker; this one waits meanwhile.
          low_runs.Park();
          EXPECT_TRUE(group.Wait());
        },
        {.priority = Priority::kCritical});
    // Until both are where they should be: one waits, parked, the other is in the Low task.
    while (scheduler.Stats().Total().waits_parked == 0) W::SpinPause();
    waits.Unpark();
    all.Wait();
    EXPECT_EQ(spawned, Priority::kCritical);
    EXPECT_EQ(nested, Priority::kCritical);
  });
}

}  // namespace
}  // namespace tally
