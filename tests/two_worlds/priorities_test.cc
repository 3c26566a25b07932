// Priorities: the important first, and nothing starves.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "scheduler/policy/turns.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class PrioritiesTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, const std::string& machine_spec, const Body& body) {
    WithScheduler<W>(machine_spec, {.workers = workers, .placement = PlacementPolicy::kScatter},
                     body);
  }
};

TYPED_TEST_SUITE(PrioritiesTest, Worlds, WorldNames);

constexpr char kOneNode[] = "package:1 core:4 pu:1";
constexpr char kTwoNodes[] = "package:2 numa:1 core:2 pu:1";
// Generous: two turns of the fair kind, and what was queued before.
constexpr int64_t kFewTurns = 4 * Turns::kEvery;

// Respawns itself, as a detached task of one priority, until it is told to stop.
template <class W>
class Respawner {
 public:
  Respawner(BasicScheduler<W>& scheduler, Priority priority, Nanos work)
      : scheduler_(scheduler), priority_(priority), work_(work) {}
  void operator()() {
    W::Work(work_);
    ++runs;
    if (stop.load()) return;
    EXPECT_TRUE(scheduler_.Submit([this] { (*this)(); }, {.priority = priority_}).ok());
  }
  std::atomic<int64_t> runs{0};
  std::atomic<bool> stop{false};

 private:
  BasicScheduler<W>& scheduler_;
  const Priority priority_;
  const Nanos work_;
};

TYPED_TEST(PrioritiesTest, WhoRespawnsForEverStarvesNeitherItsInjectorNorItsElders) {
  using W = TypeParam;
  this->With(1, kOneNode, [&](BasicScheduler<W>& scheduler) {
    Respawner<W> respawner(scheduler, Priority::kNormal, 1000);
    typename W::Parker elder_ran, guest_ran;
    std::atomic<int64_t> elder_at{-1};
    ASSERT_TRUE(scheduler
                    .Submit([&] {
                      ASSERT_TRUE(scheduler
                                      .Submit([&] {
                                        elder_at = respawner.runs.load();
                                        elder_ran.Unpark();
                                      })
                                      .ok());
                      respawner();
                    })
                    .ok());
    elder_ran.Park();
    EXPECT_LE(elder_at.load(), kFewTurns);
    ASSERT_TRUE(scheduler.Submit([&] { guest_ran.Unpark(); }).ok());
    guest_ran.Park();
    respawner.stop = true;
    EXPECT_TRUE(scheduler.Shutdown()->complete);
  });
}

TYPED_TEST(PrioritiesTest, CriticalTasksForEverStarveNoLowerLevelHereOrInTheInjector) {
  using W = TypeParam;
  for (const Priority low : {Priority::kHigh, Priority::kNormal, Priority::kLow}) {
    this->With(1, kOneNode, [&](BasicScheduler<W>& scheduler) {
      Respawner<W> respawner(scheduler, Priority::kCritical, 1000);
      typename W::Parker own_ran, guest_ran;
      std::atomic<int64_t> own_at{-1};
      ASSERT_TRUE(scheduler
                      .Submit(
                          [&] {
                            const auto own = [&] {
                              own_at = respawner.runs.load();
                              own_ran.Unpark();
                            };
                            ASSERT_TRUE(scheduler.Submit(own, {.priority = low}).ok());
                            respawner();
                          },
                          {.priority = Priority::kCritical})
                      .ok());
      own_ran.Park();
      EXPECT_LE(own_at.load(), kFewTurns);
      EXPECT_GE(own_at.load(), int64_t{Turns::kEvery} - 2) << "strict in between";
      ASSERT_TRUE(scheduler.Submit([&] { guest_ran.Unpark(); }, {.priority = low}).ok());
      guest_ran.Park();
      respawner.stop = true;
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      EXPECT_GE(scheduler.Stats().Total().aged, 2u);
    });
  }
}

TYPED_TEST(PrioritiesTest, WhatABusyWorkerHasQueuedRunsThoughNobodyIsEverIdle) {
  using W = TypeParam;
  this->With(2, kTwoNodes, [&](BasicScheduler<W>& scheduler) {
    Respawner<W> respawner(scheduler, Priority::kHigh, 1000);
    typename W::Parker hoarding, low_ran, may_end;
    // One worker queues a Low task and goes on for ever; the other never runs out of High ones.
    ASSERT_TRUE(
        scheduler
            .Submit([&] {
              // Only once the other worker is in its loop, or it would steal at once.
              while (respawner.runs.load() < 10) W::SpinPause();
              ASSERT_TRUE(
                  scheduler.Submit([&] { low_ran.Unpark(); }, {.priority = Priority::kLow}).ok());
              hoarding.Unpark();
              may_end.Park();
            })
            .ok());
    ASSERT_TRUE(scheduler.Submit([&] { respawner(); }, {.priority = Priority::kHigh}).ok());
    hoarding.Park();
    low_ran.Park();
    may_end.Unpark();
    respawner.stop = true;
    EXPECT_TRUE(scheduler.Shutdown()->complete);
  });
}

// Starts Critical tasks under a saturating load of Low ones of 10 us; the latest start after its
// submission. `inside`: a long Low task spawns them.
template <class W>
Nanos WorstCriticalStart(BasicScheduler<W>& scheduler, bool inside) {
  std::atomic<bool> stop{false};
  std::function<void()> low = [&] {
    W::Work(10'000);
    if (stop.load()) return;
    EXPECT_TRUE(scheduler.Submit(low, {.priority = Priority::kLow}).ok());
  };
  for (int i = 0; i < 8 * scheduler.workers(); ++i) {
    EXPECT_TRUE(scheduler.Submit(low, {.priority = Priority::kLow}).ok());
  }
  std::atomic<Nanos> worst{0};
  const auto start_some = [&] {
    for (int i = 0; i < 50; ++i) {
      W::Work(33'000);
      W::SpinPause();
      typename W::Parker started;
      const Nanos submitted = W::Now();
      EXPECT_TRUE(scheduler
                      .Submit(
                          [&] {
                            const Nanos late = W::Now() - submitted;
                            if (late > worst.load()) worst = late;
                            started.Unpark();
                          },
                          {.priority = Priority::kCritical})
                      .ok());
      started.Park();
    }
  };
  if (inside) {
    BasicTaskGroup<W> group(scheduler);
    group.Spawn(start_some, {.priority = Priority::kLow});
    group.Wait();
  } else {
    start_some();
  }
  stop = true;
  EXPECT_TRUE(scheduler.Shutdown()->complete);
  return worst.load();
}

TYPED_TEST(PrioritiesTest, ACriticalTaskStartsOneLowTaskLaterAtMost) {
  using W = TypeParam;
  struct Row {
    const char* machine;
    int workers;
    bool inside;
  };
  for (const Row& row : {Row{kOneNode, 1, false}, Row{kOneNode, 4, false}, Row{kTwoNodes, 4, false},
                         Row{kOneNode, 2, true}, Row{kOneNode, 4, true}, Row{kTwoNodes, 4, true}}) {
    this->With(row.workers, row.machine, [&](BasicScheduler<W>& scheduler) {
      const Nanos worst = WorstCriticalStart(scheduler, row.inside);
      // Only virtual time is never late. From inside, a thief may have to settle its claim on the
      // deque of a worker that is in a long task: a heavy fence of 3.5 us.
      if (W::kSimulated) {
        EXPECT_LE(worst, row.inside ? 16'000 : 13'000)
            << row.workers << " workers on " << row.machine
            << (row.inside ? ", from inside" : ", from outside");
      }
    });
  }
}

TYPED_TEST(PrioritiesTest, WhereTasksAreLongALevelWaitsForATimeNotForTurns) {
  using W = TypeParam;
  if (!W::kSimulated) return;  // seconds of it: virtual ones are free
  this->With(1, kOneNode, [&](BasicScheduler<W>& scheduler) {
    Respawner<W> respawner(scheduler, Priority::kCritical, 30'000'000);
    typename W::Parker low_ran;
    const Nanos begin = W::Now();
    Nanos ran = 0;
    ASSERT_TRUE(scheduler
                    .Submit(
                        [&] {
                          const auto low = [&] {
                            ran = W::Now();
                            low_ran.Unpark();
                          };
                          ASSERT_TRUE(scheduler.Submit(low, {.priority = Priority::kLow}).ok());
                          respawner();
                        },
                        {.priority = Priority::kCritical})
                    .ok());
    low_ran.Park();
    respawner.stop = true;
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_GE(ran - begin, Turns::kAgeBound);
    EXPECT_LE(ran - begin, Turns::kAgeBound + 70'000'000);
  });
}

}  // namespace
}  // namespace tally
