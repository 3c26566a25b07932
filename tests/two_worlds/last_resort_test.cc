// The exception to the rule of waiting, when everybody waits: one stranger on a waiter's stack, and
// nothing that it leaves behind.

#include <atomic>
#include <cstdint>

#include "gtest/gtest.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

constexpr char kMachine[] = "package:1 core:4 pu:1";
constexpr TaskOptions kHigh = {.priority = Priority::kHigh};
constexpr TaskOptions kLow = {.priority = Priority::kLow};

// In a task: how often its scheduler's workers have run a stranger.
template <class W>
uint64_t LastResorts() {
  uint64_t resorts = 0;
  for (const auto& worker : Worker<W>::Current()->crew().workers) resorts += worker->LastResorts();
  return resorts;
}

template <class W, class Done>
void Until(const Done& done) {
  while (!done()) {
    W::Work(100);
    W::SpinPause();
  }
}

template <class W>
class LastResortTest : public testing::Test {
 protected:
  template <class F>
  static void Submit(BasicScheduler<W>& scheduler, const F& task, const TaskOptions& options = {}) {
    EXPECT_TRUE(scheduler.Submit(task, options).ok());
  }
};
TYPED_TEST_SUITE(LastResortTest, Worlds, WorldNames);

// The only worker waits for a task that lies behind a stranger's in the injector.
TYPED_TEST(LastResortTest, WhatAStrangerLeavesBehindWaitsForTheWaitersEnd) {
  using W = TypeParam;
  constexpr int kChildren = 5;
  std::atomic<int> strangers{0}, children{0};
  int strangers_inside = 0, children_inside = 0;
  WithScheduler<W>(kMachine, {.workers = 1, .bind = false, .spares = 0},
                   [&](BasicScheduler<W>& scheduler) {
                     std::atomic<BasicTaskGroup<W>*> waited_for{nullptr};
                     std::atomic<bool> go{false};
                     this->Submit(scheduler, [&] {
                       BasicTaskGroup<W> group(scheduler);
                       waited_for = &group;
                       Until<W>([&] { return go.load(); });
                       group.Wait();
                       strangers_inside = strangers;
                       children_inside = children;
                     });
                     Until<W>([&] { return waited_for.load() != nullptr; });
                     this->Submit(scheduler, [&] {
                       ++strangers;
                       for (int i = 0; i < kChildren; ++i) {
                         this->Submit(
                             scheduler, [&] { ++children; }, kLow);
                       }
                     });
                     waited_for.load()->Spawn([] {});
                     go = true;
                     EXPECT_TRUE(scheduler.Shutdown()->complete);
                   });
  EXPECT_EQ(strangers_inside, 1) << "else this tests nothing";
  EXPECT_EQ(children_inside, 0);
  EXPECT_EQ(children.load(), kChildren);
}

// One worker waits, in a task of a group, for a group made elsewhere; the other one waits for the
// task's group, so may help with what the task has spawned. A stranger that the first one runs
// leaves children behind.
TYPED_TEST(LastResortTest, NorDoesAnotherWaiterTakeThemForItsOwn) {
  using W = TypeParam;
  int inside = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const int children : {1, 3, 10, 100}) {
      std::atomic<int> ran{0}, on_a_waiters_stack{0};
      WithScheduler<W>(kMachine, {.workers = 2, .bind = false, .seed = seed, .spares = 0},
                       [&](BasicScheduler<W>& scheduler) {
                         std::atomic<bool> began{false}, go{false}, waits{false};
                         std::atomic<uint32_t> waiter{0};
                         BasicTaskGroup<W> elsewhere(scheduler), all(scheduler);
                         all.Spawn([&] {
                           BasicTaskGroup<W> group(scheduler);
                           group.Spawn([&] {
                             began = true;
                             Until<W>([&] { return go.load(); });
                             elsewhere.Wait();
                           });
                           Until<W>([&] { return began.load(); });
                           waiter = Worker<W>::Current()->id().index();
                           waits = true;
                           group.Wait();
                           waits = false;
                         });
                         Until<W>([&] { return waits.load(); });
                         W::Work(2'000'000);  // until it has parked
                         this->Submit(scheduler, [&] {
                           for (int i = 0; i < children; ++i) {
                             this->Submit(scheduler, [&] {
                               const Worker<W>& me = *Worker<W>::Current();
                               if (waits && me.id().index() == waiter && me.LastResorts() == 0) {
                                 ++on_a_waiters_stack;
                               }
                               ++ran;
                             });
                           }
                         });
                         elsewhere.Spawn([] {});
                         go = true;
                         all.Wait();
                         EXPECT_TRUE(scheduler.Shutdown()->complete);
                       });
      EXPECT_EQ(ran.load(), children);
      inside += on_a_waiters_stack;
    }
  }
  EXPECT_EQ(inside, 0);
}

// The first stranger waits, so that a second one is run on top of it, which lay in the own deque.
// What the first one spawns then must not come to lie there as if it were the waiter's.
TYPED_TEST(LastResortTest, AStrangerOnAStrangerChangesNothing) {
  using W = TypeParam;
  bool ran_inside = false;
  uint64_t before = 0, then = 0;
  WithScheduler<W>(kMachine, {.workers = 1, .bind = false, .spares = 0},
                   [&](BasicScheduler<W>& scheduler) {
                     BasicTaskGroup<W> strangers(scheduler), elsewhere(scheduler);
                     std::atomic<BasicTaskGroup<W>*> waited_for{nullptr};
                     std::atomic<bool> go{false};
                     bool waits = false;
                     this->Submit(scheduler, [&] {
                       BasicTaskGroup<W> group(scheduler);
                       waited_for = &group;
                       Until<W>([&] { return go.load(); });
                       strangers.Spawn([] {}, kLow);  // the second one
                       group.Spawn([&] { elsewhere.Wait(); });
                       waits = true;
                       group.Wait();
                       waits = false;
                     });
                     Until<W>([&] { return waited_for.load() != nullptr; });
                     this->Submit(
                         scheduler,
                         [&] {  // the first one
                           strangers.Wait();
                           this->Submit(
                               scheduler,
                               [&] {
                                 then = LastResorts<W>();
                                 ran_inside = waits;
                               },
                               kLow);
                           before = LastResorts<W>();
                         },
                         kHigh);
                     elsewhere.Spawn([] {}, kHigh);
                     waited_for.load()->Spawn([] {}, kLow);
                     go = true;
                     EXPECT_TRUE(scheduler.Shutdown()->complete);
                   });
  EXPECT_GE(before, 2u) << "else this tests nothing";
  if (ran_inside) {
    EXPECT_GT(then, before) << "only as a last resort of its own";
  }
}

// After a stranger from the own deque has run on its stack, a task waits for its own child while
// the other worker is busy, so that there is no last resort.
TYPED_TEST(LastResortTest, AWaiterStillFindsItsOwnChild) {
  using W = TypeParam;
  bool in_time = false;
  uint64_t resorts = 0;
  WithScheduler<W>(kMachine, {.workers = 2, .bind = false, .spares = 0},
                   [&](BasicScheduler<W>& scheduler) {
                     BasicTaskGroup<W> elsewhere(scheduler), all(scheduler);
                     std::atomic<bool> runs{false}, go{false}, blocks{false}, resorted{false},
                         busy{false}, child{false};
                     all.Spawn([&] {  // the other worker
                       runs = true;
                       Until<W>([&] { return go.load(); });
                       {
                         const BasicBlockingScope<W> scope;
                         blocks = true;
                         Until<W>([&] { return resorted.load(); });
                       }
                       busy = true;
                       const Nanos give_up = W::Now() + 10'000'000'000;
                       Until<W>([&] { return child.load() || W::Now() > give_up; });
                       in_time = child;
                     });
                     all.Spawn([&] {
                       Until<W>([&] { return runs.load(); });
                       BasicTaskGroup<W> group(scheduler);
                       elsewhere.Spawn([] {}, kLow);  // the stranger
                       group.Spawn([&] {
                         go = true;
                         Until<W>([&] { return blocks.load(); });
                         elsewhere.Wait();
                         resorted = true;
                         Until<W>([&] { return busy.load(); });
                         resorts = LastResorts<W>();
                         BasicTaskGroup<W> own(scheduler);
                         own.Spawn([&] { child = true; }, kLow);
                         own.Wait();
                       });
                       group.Wait();
                     });
                     all.Wait();
                     EXPECT_TRUE(scheduler.Shutdown()->complete);
                   });
  EXPECT_GE(resorts, 1u) << "else this tests nothing";
  EXPECT_TRUE(in_time) << "it slept beside its child";
}

}  // namespace
}  // namespace tally
