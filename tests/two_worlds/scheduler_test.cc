// What the scheduler promises, in both worlds: the same code runs on threads and in virtual time.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

// A count that tasks of any world may share without it being one of the world's accesses.
class Count {
 public:
  void Add(int64_t n = 1) { value_.fetch_add(n); }
  int64_t Get() const { return value_.load(); }

 private:
  std::atomic<int64_t> value_{0};
};

template <class W>
class SchedulerTest : public testing::Test {
 protected:
  using Group = BasicTaskGroup<W>;

  // Runs `body(scheduler)` on a machine of two nodes with four cores each.
  template <class Body>
  void With(int workers, const Body& body) {
    WithScheduler<W>("package:2 numa:1 core:4 pu:1",
                     {.workers = workers, .placement = PlacementPolicy::kScatter}, body);
  }
};

TYPED_TEST_SUITE(SchedulerTest, Worlds, WorldNames);

TYPED_TEST(SchedulerTest, EverySubmittedTaskRunsOnce) {
  using W = TypeParam;
  for (const int workers : {1, 2, 8}) {
    constexpr int kTasks = 3000;
    std::vector<Count> ran(kTasks);
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      for (int i = 0; i < kTasks; ++i) {
        ASSERT_TRUE(scheduler.Submit([&ran, i] { ran[i].Add(); }).ok());
      }
      const auto report = scheduler.Shutdown();
      ASSERT_TRUE(report.ok());
      EXPECT_TRUE(report->complete);
      EXPECT_EQ(report->executed, static_cast<uint64_t>(kTasks));
    });
    for (int i = 0; i < kTasks; ++i) ASSERT_EQ(ran[i].Get(), 1) << i << " of " << workers;
  }
}

TYPED_TEST(SchedulerTest, TasksThatSubmitMoreThanADequeHoldsLoseNone) {
  using W = TypeParam;
  for (const int workers : {1, 3}) {
    Count ran;
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      ASSERT_TRUE(scheduler
                      .Submit([&] {
                        for (int i = 0; i < 5000; ++i) {
                          ASSERT_TRUE(scheduler.Submit([&] { ran.Add(); }).ok());
                        }
                      })
                      .ok());
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      // Others may be quick enough to keep the deque from ever being full.
      if (workers == 1) {
        EXPECT_EQ(scheduler.Stats().Total().overflows, 5000u - 512);
      }
    });
    EXPECT_EQ(ran.Get(), 5000) << workers;
  }
}

template <class W>
int64_t Fib(int n) {
  W::Charge(20);
  if (n < 2) return n;
  int64_t a = 0, b = 0;
  Invoke<W>([&] { a = Fib<W>(n - 1); }, [&] { b = Fib<W>(n - 2); });
  return a + b;
}

TYPED_TEST(SchedulerTest, ForkJoinComputes) {
  using W = TypeParam;
  for (const int workers : {1, 2, 5, 8}) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      int64_t result = 0;
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([&] { result = Fib<W>(18); });
      group.Wait();
      EXPECT_EQ(result, 2584);
    });
  }
}

template <class W>
int64_t Leaves(BasicScheduler<W>& scheduler, int depth) {
  W::Charge(50);
  if (depth == 0) return 1;
  std::array<int64_t, 5> leaves{};
  BasicTaskGroup<W> group(scheduler);
  for (int64_t& each : leaves) {
    group.Spawn([&] { each = Leaves<W>(scheduler, depth - 1); }, {.name = "branch"});
  }
  group.Wait();
  int64_t sum = 0;
  for (const int64_t each : leaves) sum += each;
  return sum;
}

TYPED_TEST(SchedulerTest, NestedGroupsJoin) {
  using W = TypeParam;
  for (const int workers : {1, 2, 8}) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      int64_t leaves = 0;
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([&] { leaves = Leaves<W>(scheduler, 5); });
      group.Wait();
      EXPECT_EQ(leaves, 3125);
      leaves = 0;
      group.Spawn([&] { leaves = Leaves<W>(scheduler, 3); });  // a group can be used again
      group.Wait();
      EXPECT_EQ(leaves, 125);
    });
  }
}

TYPED_TEST(SchedulerTest, ParallelForCallsEveryIndexOnce) {
  using W = TypeParam;
  for (const int64_t grain : {int64_t{0}, int64_t{1}, int64_t{100000}}) {
    std::vector<Count> called(1500);
    this->With(4, [&](BasicScheduler<W>& scheduler) {
      ParallelFor(scheduler, 0, 1500, [&](int64_t i) { called[i].Add(); }, {.grain = grain});
      ParallelFor(scheduler, 5, 5, [&](int64_t) { ADD_FAILURE() << "an empty loop"; });
      ParallelFor(scheduler, 9, -9, [&](int64_t) { ADD_FAILURE() << "a backward loop"; });
    });
    for (const Count& count : called) ASSERT_EQ(count.Get(), 1);
  }
}

TYPED_TEST(SchedulerTest, OneWorkerRunsHigherPrioritiesFirst) {
  using W = TypeParam;
  std::string order;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    ASSERT_TRUE(scheduler
                    .Submit([&] {
                      const auto submit = [&](char letter, Priority priority) {
                        const auto write = [&order, letter] { order += letter; };
                        ASSERT_TRUE(scheduler.Submit(write, {.priority = priority}).ok());
                      };
                      for (int round = 0; round < 2; ++round) {
                        submit('l', Priority::kLow);
                        submit('c', Priority::kCritical);
                        submit('n', Priority::kNormal);
                        submit('h', Priority::kHigh);
                      }
                    })
                    .ok());
    EXPECT_TRUE(scheduler.Shutdown()->complete);
  });
  EXPECT_EQ(order, "cchhnnll");
}

TYPED_TEST(SchedulerTest, AnUrgentTaskFromOutsideOvertakesTheQueue) {
  using W = TypeParam;
  std::string order;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    typename W::Parker first_runs, may_go_on;
    group.Spawn([&] {
      first_runs.Unpark();
      may_go_on.Park();
    });
    first_runs.Park();
    for (int i = 0; i < 3; ++i) group.Spawn([&] { order += 'n'; });
    group.Spawn([&] { order += 'c'; }, {.priority = Priority::kCritical});
    may_go_on.Unpark();
    group.Wait();
  });
  EXPECT_EQ(order, "cnnn");
}

TYPED_TEST(SchedulerTest, TheFirstExceptionComesOutOfWaitAndTheGroupGoesOn) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    Count ran;
    for (int i = 0; i < 20; ++i) {
      group.Spawn([&, i] {
        ran.Add();
        if (i % 2 == 0) throw std::runtime_error("task failed");
      });
    }
    EXPECT_THROW(group.Wait(), std::runtime_error);
    EXPECT_GE(ran.Get(), 1);
    EXPECT_LE(ran.Get(), 20) << "who had not begun was skipped";
    const int64_t before = ran.Get();
    group.Spawn([&] { ran.Add(); });
    EXPECT_NO_THROW(EXPECT_TRUE(group.Wait()));
    EXPECT_EQ(ran.Get(), before + 1);
  });
}

int Seven() { return 7; }

// How closures and results travel depends on their size and kind, see kApart in invoke.h.
template <class W>
void InvokeClosuresOfEveryKind() {
  int64_t a = 1, b = 2, c = 3;  // variables, so that nothing is known beforehand
  const auto [one, two] = Invoke<W>([a] { return a; }, [b] { return static_cast<int>(b); });
  EXPECT_EQ(one + two, 3);
  EXPECT_EQ(std::get<0>(Invoke<W>([c] { return c; })), 3);
  EXPECT_EQ(Invoke<W>([a] { return a; }, [b] { return b; }, [c] { return c; }),
            (std::tuple<int64_t, int64_t, int64_t>(1, 2, 3)));
  Invoke<W>([&a, b] { a += b; }, [&c] { ++c; });  // 1 + 2, 3 + 1
  EXPECT_EQ(a + c, 7);
  // Larger than two words each, and than all registers together.
  EXPECT_EQ(Invoke<W>([a, b, c] { return a + b + c; }, [a, b, c] { return a * b * c; }),
            (std::tuple<int64_t, int64_t>(9, 24)));
  // One returns nothing; results that own something; named.
  const auto [nothing, text] = Invoke<W>(
      "named", [&a] { ++a; }, [a] { return std::to_string(a); });
  static_assert(std::is_same_v<decltype(nothing), const Nothing>);
  EXPECT_EQ(text, "3");  // as it was when the closure was made
  EXPECT_EQ(a, 4);
  // By reference: what its owner may look at afterwards, what cannot be copied, a function.
  auto counts = [n = 0]() mutable { return ++n; };
  auto owns = [box = std::make_unique<int64_t>(b)] { return *box; };
  EXPECT_EQ(Invoke<W>(counts, owns, Seven), (std::tuple<int, int64_t, int>(1, 2, 7)));
  EXPECT_EQ(counts(), 2);
}

TYPED_TEST(SchedulerTest, InvokeTakesClosuresOfEveryKind) {
  using W = TypeParam;
  for (const int workers : {1, 3}) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      InvokeClosuresOfEveryKind<W>();  // outside: one after the other
      BasicTaskGroup<W> group(scheduler);
      group.Spawn([] { InvokeClosuresOfEveryKind<W>(); });
      group.Wait();
    });
  }
}

TYPED_TEST(SchedulerTest, InvokeThrowsWhatEitherSideThrows) {
  using W = TypeParam;
  this->With(3, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    Count caught;
    for (int i = 0; i < 50; ++i) {
      group.Spawn([&, i] {
        try {
          Invoke<W>(
              [&] {
                W::Work(300);
                if (i % 3 == 0) throw std::runtime_error("left");
              },
              [&] {
                W::Work(300);
                if (i % 3 == 1) throw std::runtime_error("right");
              });
          EXPECT_EQ(i % 3, 2);
        } catch (const std::runtime_error& error) {
          EXPECT_EQ(std::string(error.what()), i % 3 == 0 ? "left" : "right");
          caught.Add();
        }
      });
    }
    group.Wait();
    EXPECT_EQ(caught.Get(), 34);
  });
}

TYPED_TEST(SchedulerTest, AnExceptionOfADetachedTaskIsReported) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    ASSERT_TRUE(scheduler.Submit([] { throw std::runtime_error("nobody waits"); }).ok());
    const auto report = scheduler.Shutdown();
    EXPECT_EQ(report->uncaught, 1u);
    EXPECT_EQ(report->first_uncaught, "nobody waits");
  });
}

TYPED_TEST(SchedulerTest, ATaskSentToAnotherNodeCanBeTakenBackByItsWaiter) {
  // One worker, on node 0: nobody else will ever look into node 1's injector.
  using W = TypeParam;
  Count ran;
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> outer(scheduler);
    outer.Spawn([&] {
      BasicTaskGroup<W> group(scheduler);
      for (int i = 0; i < 10; ++i) group.Spawn([&] { ran.Add(); }, {.node = NodeId(1)});
      group.Wait();
      EXPECT_EQ(ran.Get(), 10);
    });
    outer.Wait();
  });
  EXPECT_EQ(ran.Get(), 10);
}

TYPED_TEST(SchedulerTest, TasksGoToTheirNodeWhenItsWorkersAreFree) {
  using W = TypeParam;
  std::array<Count, 2> ran_on;
  this->With(8, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    for (int i = 0; i < 400; ++i) {
      group.Spawn([&] { ran_on[Worker<W>::Current()->node().index()].Add(); }, {.node = NodeId(1)});
    }
    group.Wait();
    EXPECT_FALSE(scheduler.Submit([] {}, {.node = NodeId(2)}).ok()) << "there are two nodes";
  });
  EXPECT_EQ(ran_on[0].Get() + ran_on[1].Get(), 400);
}

TYPED_TEST(SchedulerTest, AWaitForAnOlderGroupEndsEvenWithOneWorker) {
  // The tasks of `older` lie below what the waiter may touch on its stack; the last worker that
  // would park runs them all the same.
  using W = TypeParam;
  for (const int workers : {1, 2}) {
    Count ran;
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      BasicTaskGroup<W> outer(scheduler);
      outer.Spawn([&] {
        BasicTaskGroup<W> older(scheduler), younger(scheduler);
        for (int i = 0; i < 3; ++i) older.Spawn([&] { ran.Add(); });
        younger.Spawn([&] {
          older.Wait();
          EXPECT_EQ(ran.Get(), 3);
        });
        younger.Wait();
      });
      outer.Wait();
    });
    EXPECT_EQ(ran.Get(), 3);
  }
}

TYPED_TEST(SchedulerTest, OnceShutDownSubmitRefusesAndSpawnRunsInPlace) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_TRUE(scheduler.Shutdown()->complete) << "a second time is no error";
    Count ran;
    const absl::Status refused = scheduler.Submit([&] { ran.Add(); });
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ran.Get(), 0);
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([&] { ran.Add(); });
    EXPECT_EQ(ran.Get(), 1);
    group.Wait();
  });
}

TYPED_TEST(SchedulerTest, ATaskCannotShutItsSchedulerDown) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([&] {
      EXPECT_EQ(scheduler.Shutdown().status().code(), absl::StatusCode::kFailedPrecondition);
    });
    group.Wait();
    EXPECT_TRUE(scheduler.Submit([] {}).ok()) << "it still runs";
  });
}

TYPED_TEST(SchedulerTest, ACancelledShutdownDropsWhatHasNotStarted) {
  using W = TypeParam;
  Count ran, destroyed;
  struct Guard {
    Count* count;
    explicit Guard(Count* c) : count(c) {}
    Guard(const Guard& other) = default;
    ~Guard() { count->Add(); }
  };
  this->With(1, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker started, go_on;
    ASSERT_TRUE(scheduler
                    .Submit([&] {
                      started.Unpark();
                      go_on.Park();
                      ran.Add();
                    })
                    .ok());
    started.Park();
    {
      const auto guard = std::make_shared<Guard>(&destroyed);
      for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(scheduler.Submit([&ran, guard] { ran.Add(); }).ok());
      }
    }
    const auto late = scheduler.Shutdown({.drain = false, .deadline_ns = 1'000'000});
    ASSERT_TRUE(late.ok());
    EXPECT_FALSE(late->complete);
    EXPECT_EQ(late->outstanding, 101u);
    EXPECT_EQ(destroyed.Get(), 0);
    go_on.Unpark();
    const auto report = scheduler.Shutdown({.drain = false});
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->complete);
    EXPECT_EQ(report->dropped, 100u);
    EXPECT_EQ(report->executed, 1u);
  });
  EXPECT_EQ(ran.Get(), 1);
  EXPECT_EQ(destroyed.Get(), 1) << "dropped closures are destroyed";
}

TYPED_TEST(SchedulerTest, DrainingAcceptsWhatRunningTasksSubmit) {
  using W = TypeParam;
  Count ran;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker started;
    ASSERT_TRUE(scheduler
                    .Submit([&] {
                      started.Unpark();
                      W::Work(2'000'000);
                      for (int i = 0; i < 10; ++i) {
                        EXPECT_TRUE(scheduler.Submit([&] { ran.Add(); }).ok());
                      }
                    })
                    .ok());
    started.Park();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
  });
  EXPECT_EQ(ran.Get(), 10);
}

TYPED_TEST(SchedulerTest, SeveralSchedulersInOneProcess) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    auto a = BasicScheduler<W>::Create({.workers = 2, .topology = machine});
    auto b = BasicScheduler<W>::Create({.workers = 2, .topology = machine});
    ASSERT_TRUE(a.ok() && b.ok());
    Count on_b;
    BasicTaskGroup<W> group(**a);
    group.Spawn([&] {
      BasicTaskGroup<W> other(**b);  // a worker of one is an outside thread of the other
      for (int i = 0; i < 100; ++i) {
        other.Spawn([&] {
          EXPECT_TRUE((*b)->OnWorker());
          EXPECT_FALSE((*a)->OnWorker());
          on_b.Add();
        });
      }
      other.Wait();
    });
    group.Wait();
    EXPECT_EQ(on_b.Get(), 100);
  });
}

TYPED_TEST(SchedulerTest, IdleWorkersSleep) {
  using W = TypeParam;
  this->With(4, [&](BasicScheduler<W>& scheduler) {
    typename W::Parker never;
    BasicTaskGroup<W> group(scheduler);
    for (int i = 0; i < 100; ++i) group.Spawn([] {});
    group.Wait();
    // A worker counts as sleeping just before it parks; and a token from the wait may come late.
    SchedulerStats before = scheduler.Stats();
    for (int i = 0; i < 200; ++i) {
      const SchedulerStats earlier = before;
      (void)never.ParkUntil(W::Now() + 5'000'000);
      before = scheduler.Stats();
      if (before.sleeping == 4 && before.Total().parks == earlier.Total().parks) break;
    }
    EXPECT_EQ(before.sleeping, 4u);
    EXPECT_EQ(before.searching, 0u);
    (void)never.ParkUntil(W::Now() + 20'000'000);
    const WorkerStats after = scheduler.Stats().Total();
    EXPECT_EQ(after.parks, before.Total().parks) << "nobody woke up for nothing";
    EXPECT_EQ(after.spurious_wakes, before.Total().spurious_wakes);
  });
}

TYPED_TEST(SchedulerTest, ImpossibleOptionsAreRefusedInWords) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    for (const int workers : {-3, 4097, 100'000}) {
      const auto scheduler = BasicScheduler<W>::Create({.workers = workers, .topology = machine});
      ASSERT_FALSE(scheduler.ok());
      EXPECT_EQ(scheduler.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(scheduler.status().message().find("between 1 and 4096"), std::string::npos);
    }
  });
}

}  // namespace
}  // namespace tally
