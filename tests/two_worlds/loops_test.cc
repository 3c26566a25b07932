// What parallel loops promise, in both worlds.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

using Counts = std::vector<std::atomic<int>>;

template <class W>
class LoopsTest : public testing::Test {
 protected:
  // Runs `body(scheduler)` on a machine of two nodes with four cores each, outside its workers.
  template <class Body>
  void With(int workers, const Body& body) {
    const auto machine = Machine("package:2 numa:1 core:4 pu:1");
    RunIn<W>(*machine, [&] {
      auto scheduler = BasicScheduler<W>::Create({.workers = workers,
                                                  .topology = machine,
                                                  .placement = PlacementPolicy::kScatter,
                                                  .bind = false});
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      body(**scheduler);
    });
  }

  // The same as a task.
  template <class Body>
  void Inside(int workers, const Body& body) {
    With(workers, [&](BasicScheduler<W>& scheduler) {
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([&] { body(scheduler); });
      group.Wait();
    });
  }

  static void ExpectOnce(const Counts& calls, const std::string& what) {
    for (size_t i = 0; i < calls.size(); ++i) ASSERT_EQ(calls[i].load(), 1) << i << " of " << what;
  }
};

TYPED_TEST_SUITE(LoopsTest, Worlds, WorldNames);

TYPED_TEST(LoopsTest, EveryIndexIsCalledOnceWhateverTheGrain) {
  using W = TypeParam;
  for (int workers = 1; workers <= 8; ++workers) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      for (const int64_t size : {1, 2, 3, 64, 1500}) {
        for (const int64_t grain : {-1, 0, 1, 2, 7, 1499, 1500, 100'000}) {
          Counts calls(static_cast<size_t>(size));
          ParallelFor(scheduler, 0, size,
                      [&](int64_t i) { calls[static_cast<size_t>(i)].fetch_add(1); },
                      {.grain = grain});
          this->ExpectOnce(calls, std::to_string(size) + " by " + std::to_string(grain));
        }
      }
    });
  }
}

TYPED_TEST(LoopsTest, LoopsOverNothingCallNothing) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    const auto never = [](auto) { ADD_FAILURE() << "called"; };
    ParallelFor(scheduler, 5, 5, never);
    ParallelFor(scheduler, 9, -9, never);
    ParallelFor(scheduler, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(),
                never);
    ParallelFor(scheduler, std::vector<int>(), never);
    ParallelFor<W>(7u, 7u, never);
  });
}

TYPED_TEST(LoopsTest, IndexesReachTheLimitsOfTheirTypes) {
  using W = TypeParam;
  this->With(3, [&](BasicScheduler<W>& scheduler) {
    Counts calls(255);
    const int8_t lowest = -128, highest = 127;
    ParallelFor(scheduler, lowest, highest, [&](int8_t i) { calls[i + 128].fetch_add(1); },
                {.grain = 1});
    this->ExpectOnce(calls, "all int8_t but the last");
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
    Counts last(100);
    ParallelFor(scheduler, kMax - 100, kMax,
                [&](int64_t i) { last[i - (kMax - 100)].fetch_add(1); }, {.grain = 3});
    this->ExpectOnce(last, "the last int64_t");
    constexpr uint64_t kTop = std::numeric_limits<uint64_t>::max();
    Counts top(100);
    ParallelFor(scheduler, kTop - 100, kTop,
                [&](uint64_t i) { top[i - (kTop - 100)].fetch_add(1); });
    this->ExpectOnce(top, "the last uint64_t");
  });
}

// Nobody could run such a loop to its end, so it must be over because of the exception.
TYPED_TEST(LoopsTest, AnExceptionEndsALoopOverAllIntegers) {
  using W = TypeParam;
  for (const int64_t grain : {0, 1, 5}) {
    this->With(4, [&](BasicScheduler<W>& scheduler) {
      std::atomic<int64_t> calls{0};
      const auto body = [&](auto) {
        W::Work(100);
        if (calls.fetch_add(1) == 200) throw std::runtime_error("enough");
      };
      EXPECT_THROW(ParallelFor(scheduler, std::numeric_limits<int64_t>::min(),
                               std::numeric_limits<int64_t>::max(), body, {.grain = grain}),
                   std::runtime_error);
      EXPECT_THROW(ParallelFor(scheduler, uint64_t{0}, std::numeric_limits<uint64_t>::max(),
                               [&](uint64_t) -> void { throw std::logic_error("at once"); },
                               {.grain = grain}),
                   std::logic_error);
    });
  }
}

TYPED_TEST(LoopsTest, IteratorsContainersAndViewsAreLoopedOver) {
  using W = TypeParam;
  this->With(3, [&](BasicScheduler<W>& scheduler) {
    const auto increment = [](int& element) { ++element; };
    std::vector<int> vector(1000, 1);
    ParallelFor(scheduler, vector, increment, {.grain = 10});
    ParallelFor(scheduler, vector.begin() + 1, vector.end(), increment);
    ParallelFor(scheduler, vector.data(), vector.data() + 1, increment);
    ParallelFor(scheduler, std::span(vector), increment);
    EXPECT_EQ(vector, std::vector<int>(1000, 4));

    std::deque<int> deque(300, 5);
    ParallelFor(scheduler, deque, increment, {.grain = 1});
    EXPECT_EQ(deque, std::deque<int>(300, 6));

    std::array<std::string, 3> words = {"a", "b", "c"};
    ParallelFor(scheduler, words, [](std::string& word) { word += '!'; });
    EXPECT_EQ(words, (std::array<std::string, 3>{"a!", "b!", "c!"}));

    int plain[4] = {1, 2, 3, 4};
    ParallelFor(scheduler, plain, increment);
    EXPECT_EQ(plain[3], 5);

    const std::vector<int>& constant = vector;
    std::atomic<int> sum{0};
    ParallelFor(scheduler, constant, [&](const int& element) { sum += element; });
    EXPECT_EQ(sum.load(), 4000);
  });
}

TYPED_TEST(LoopsTest, ATaskNeedsNoScheduler) {
  using W = TypeParam;
  this->Inside(4, [&](BasicScheduler<W>&) {
    Counts calls(500);
    ParallelFor<W>(0, 500, [&](int i) { calls[i].fetch_add(1); }, {.grain = 1});
    this->ExpectOnce(calls, "inside");
    std::vector<int> elements(50);
    ParallelFor<W>(elements, [](int& element) { ++element; });
    EXPECT_EQ(elements, std::vector<int>(50, 1));
  });
  std::vector<int> order;
  this->With(2, [&](BasicScheduler<W>&) {
    ParallelFor<W>(0, 4, [&](int i) { order.push_back(i); }, {.grain = 1});
  });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3})) << "outside: here, in order";
}

TYPED_TEST(LoopsTest, AfterTheShutdownALoopRunsHere) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    ASSERT_TRUE(scheduler.Shutdown().ok());
    std::vector<int> order;
    ParallelFor(scheduler, 0, 4, [&](int i) { order.push_back(i); });
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
    EXPECT_THROW(ParallelFor(scheduler, 0, 4, [](int) { throw std::runtime_error("here too"); }),
                 std::runtime_error);
  });
}

// --- whoever blocks --------------------------------------------------------------------------

// Iterations of `blockers` wait until all others have run.
template <class W>
void LoopWithBlockers(
    int64_t size, const std::vector<int64_t>& blockers,
    const std::function<void(int64_t)>& work = [](int64_t) {}) {
  std::vector<std::unique_ptr<typename W::Parker>> doors;
  for (size_t i = 0; i < blockers.size(); ++i) {
    doors.push_back(std::make_unique<typename W::Parker>());
  }
  std::atomic<int64_t> others{size - static_cast<int64_t>(blockers.size())};
  Counts calls(static_cast<size_t>(size));
  ParallelFor<W>(int64_t{0}, size,
                 [&](int64_t i) {
                   calls[static_cast<size_t>(i)].fetch_add(1);
                   work(i);
                   for (size_t b = 0; b < blockers.size(); ++b) {
                     if (blockers[b] != i) continue;
                     doors[b]->Park();
                     return;
                   }
                   if (others.fetch_sub(1) == 1) {
                     for (const auto& door : doors) door->Unpark();
                   }
                 },
                 {.grain = 1});
  for (int64_t i = 0; i < size; ++i) ASSERT_EQ(calls[static_cast<size_t>(i)].load(), 1) << i;
}

// Should one iteration be out of reach, the simulated world finds the deadlock, and the real one
// runs into the test's time limit.
TYPED_TEST(LoopsTest, WhoeverBlocksAllOtherIterationsRun) {
  using W = TypeParam;
  for (const int workers : {2, 3, 8}) {
    this->Inside(workers, [&](BasicScheduler<W>&) {
      for (const int64_t blocker : {0, 1, 499, 500, 501, 998, 999}) {
        LoopWithBlockers<W>(1000, {blocker});
      }
      for (const int64_t size : {2, 3, 4, 5}) {
        for (int64_t blocker = 0; blocker < size; ++blocker) LoopWithBlockers<W>(size, {blocker});
      }
      if (workers >= 3) LoopWithBlockers<W>(1000, {0, 700});
      if (workers == 8) LoopWithBlockers<W>(100, {0, 1, 2, 50, 51, 98, 99});
    });
  }
}

TYPED_TEST(LoopsTest, ABlockedIterationHidesNothingBehindAFullDeque) {
  using W = TypeParam;
  this->Inside(2, [&](BasicScheduler<W>& scheduler) {
    // The other worker takes nothing until the loop has begun.
    typename W::Parker other_may_go, loop_is_done;
    std::atomic<bool> other_waits{false};
    const auto keep_busy = [&] {
      other_waits.store(true);
      other_may_go.Park();
    };
    ASSERT_TRUE(scheduler.Submit(keep_busy).ok());
    while (!other_waits.load()) W::SpinPause();  // a world's access: others go on
    while (scheduler.Stats().Total().overflows == 0) {
      ASSERT_TRUE(scheduler.Submit([] {}).ok());
    }
    std::atomic<int> others{99};
    ParallelFor(scheduler, 0, 100,
                [&](int i) {
                  if (i == 0) {
                    other_may_go.Unpark();
                    loop_is_done.Park();
                  } else if (others.fetch_sub(1) == 1) {
                    loop_is_done.Unpark();
                  }
                },
                {.grain = 1});
  });
}

TYPED_TEST(LoopsTest, ABlockedIterationHidesNothingInANestedLoop) {
  using W = TypeParam;
  this->Inside(4, [&](BasicScheduler<W>&) {
    ParallelFor<W>(0, 3, [](int i) { LoopWithBlockers<W>(50 + i, {i}); }, {.grain = 1});
  });
}

// Helpers come and go, and up to all but one of them block.
TEST(TimedLoopsTest, WhoeverBlocksAllOtherIterationsRunInAStorm) {
  using W = TimedWorld;
  const auto machine = Machine("package:2 numa:1 core:4 pu:1");
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    RunIn<W>(*machine, [&] {
      Random random(seed);
      const int workers = 2 + static_cast<int>(random.Below(7));
      auto scheduler =
          BasicScheduler<W>::Create({.workers = workers, .topology = machine, .seed = seed});
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      for (uint32_t i = random.Below(8); i > 0; --i) {
        const Nanos length = random.Below(100'000);
        ASSERT_TRUE((*scheduler)->Submit([length] { W::Work(length); }).ok());
      }
      const int64_t size = 2 + random.Below(60);
      std::set<int64_t> blockers;
      for (uint32_t i = random.Below(static_cast<uint32_t>(workers)); i > 0; --i) {
        blockers.insert(random.Below(static_cast<uint32_t>(size - 1)));  // the last one opens
      }
      const Nanos longest = 1 + random.Below(20'000);
      BasicTaskGroup<W> group(**scheduler);
      group.Spawn([&] {
        LoopWithBlockers<W>(size, {blockers.begin(), blockers.end()}, [&](int64_t i) {
          W::Work(static_cast<Nanos>(Mix64(seed + static_cast<uint64_t>(i)) % longest));
        });
      });
      group.Wait();
    });
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

// --- exceptions ------------------------------------------------------------------------------

TYPED_TEST(LoopsTest, OneExceptionComesOutAndNoIterationRunsTwice) {
  using W = TypeParam;
  for (const int workers : {1, 2, 8}) {
    this->Inside(workers, [&](BasicScheduler<W>& scheduler) {
      for (const int64_t thrower : {0, 1, 250, 498, 499}) {
        for (const int64_t grain : {0, 1, 7}) {
          Counts calls(500);
          EXPECT_THROW(ParallelFor(scheduler, 0, 500,
                                   [&](int i) {
                                     calls[i].fetch_add(1);
                                     W::Work(50);
                                     if (i >= thrower) throw std::runtime_error("thrown");
                                   },
                                   {.grain = grain}),
                       std::runtime_error);
          for (const auto& each : calls) EXPECT_LE(each.load(), 1);
          if (workers > 1) continue;
          for (int i = 0; i < 500; ++i) EXPECT_EQ(calls[i].load(), i <= thrower ? 1 : 0) << i;
        }
      }
      std::atomic<int> ran{0};
      ParallelFor(scheduler, 0, 10, [&](int) { ran.fetch_add(1); });
      EXPECT_EQ(ran.load(), 10) << "the scheduler goes on";
    });
  }
}

// In virtual time one can say how soon.
TEST(TimedLoopsTest, WhatHasNotBegunIsCancelledAtOnce) {
  using W = TimedWorld;
  const auto machine = Machine("package:2 numa:1 core:8 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = 16, .topology = machine});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    Nanos thrown = 0;
    int late = 0;
    EXPECT_THROW(ParallelFor(**scheduler, 0, 1'000'000,
                             [&](int i) {
                               if (thrown != 0 && W::Now() > thrown + 10'000) ++late;
                               W::Work(i == 0 ? 500'000 : 1'000);
                               if (i == 0) {
                                 thrown = W::Now();
                                 throw std::runtime_error("first");
                               }
                             },
                             {.grain = 1}),
                 std::runtime_error);
    EXPECT_GT(thrown, 0);
    EXPECT_EQ(late, 0) << "iterations began 10 us after the exception";
  });
}

}  // namespace
}  // namespace tally
