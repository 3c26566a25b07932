// A Critical task from outside does not wait until a busy worker has ended its task: a spare runs
// it. The workers' tasks here end only after that, so without it these tests would hang; they give
// up after a while and fail.

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/stand_ins.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spares.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

constexpr int kCriticalLevel = static_cast<int>(Priority::kCritical);
constexpr TaskOptions kCritical = {.priority = Priority::kCritical};
constexpr TaskOptions kLow = {.priority = Priority::kLow};

template <class W>
class CriticalTest : public testing::Test {
 protected:
  template <class Body>
  void With(const std::string& machine, const SchedulerOptions& options, const Body& body) {
    WithScheduler<W>(machine, options, body);
  }
};

TYPED_TEST_SUITE(CriticalTest, Worlds, WorldNames);

constexpr char kOneNode[] = "package:1 core:4 pu:1";
constexpr char kTwoNodes[] = "package:2 numa:1 core:2 pu:1";

// Occupies every worker, each with one task that ends once `release` is set, and returns when all
// have begun.
template <class W>
class BusyWorkers {
 public:
  explicit BusyWorkers(BasicScheduler<W>& scheduler) : group_(scheduler) {
    for (int i = 0; i < scheduler.workers(); ++i) {
      group_.Spawn(
          [this] {
            ++begun_;
            while (!release_.load()) W::Work(1'000), W::SpinPause();
          },
          kLow);
    }
    while (begun_.load() < scheduler.workers()) W::Work(1'000), W::SpinPause();
  }
  ~BusyWorkers() { Release(); }
  void Release() {
    release_ = true;
    group_.Wait();
  }

 private:
  std::atomic<int> begun_{0};
  std::atomic<bool> release_{false};
  BasicTaskGroup<W> group_;
};

// Whether `flag` comes true although no worker ends its task. In the real world a spare that is
// about to rest may be missed, so more Critical tasks come now and then.
template <class W, class Flag>
bool ComesTrue(BasicScheduler<W>& scheduler, const Flag& flag) {
  const Nanos begin = W::Now();
  Nanos next = begin + 10'000'000;
  while (!flag()) {
    const Nanos now = W::Now();
    if (now - begin > (W::kSimulated ? 1'000'000 : 60'000'000'000)) return false;
    if (now > next) {
      EXPECT_TRUE(scheduler.Submit([] {}, kCritical).ok());
      next = now + 10'000'000;
    }
    W::Work(1'000);
    W::SpinPause();
  }
  return true;
}

// A Normal task of 1 ms that submits itself again.
template <class W>
struct Respawn {
  BasicScheduler<W>& scheduler;
  const std::atomic<bool>& stop;
  void operator()() const {
    W::Work(1'000'000);
    if (stop.load()) return;
    EXPECT_TRUE(scheduler.Submit(*this).ok());
  }
};

TYPED_TEST(CriticalTest, RunsWhileEveryWorkerIsBusy) {
  using W = TypeParam;
  for (const char* machine : {kOneNode, kTwoNodes}) {
    this->With(machine, {.workers = 2, .placement = PlacementPolicy::kScatter, .spares = 2},
               [&](BasicScheduler<W>& scheduler) {
                 {
                   BusyWorkers<W> busy(scheduler);
                   for (int round = 1; round <= 5; ++round) {
                     std::atomic<bool> ran{false};
                     std::atomic<Nanos> late{0};
                     const Nanos submitted = W::Now();
                     ASSERT_TRUE(scheduler
                                     .Submit(
                                         [&] {
                                           late = W::Now() - submitted;
                                           ran = true;
                                         },
                                         kCritical)
                                     .ok());
                     if (!ComesTrue(scheduler, [&] { return ran.load(); })) {
                       busy.Release();
                       FAIL() << "it waited for the workers, on " << machine;
                     }
                     // As long as a thread's start takes, the first time, and no longer than that.
                     if (W::kSimulated) {
                       EXPECT_LE(late.load(), MachineModel{}.thread_start_latency_ns + 10'000);
                     }
                   }
                 }
                 EXPECT_TRUE(scheduler.Shutdown()->complete);
                 // All, for in the meantime no worker could; and those that came now and then.
                 EXPECT_GE(scheduler.Stats().spares.executed[kCriticalLevel], 5u);
               });
  }
}

// And nothing but what is Critical and what came of that.
TYPED_TEST(CriticalTest, TheSpareTakesABatchAndWhatItsTasksSpawnAndNothingElse) {
  using W = TypeParam;
  this->With(kOneNode, {.workers = 2, .spares = 2}, [&](BasicScheduler<W>& scheduler) {
    std::atomic<int> ran{0}, others{0};
    {
      BusyWorkers<W> busy(scheduler);
      ASSERT_TRUE(scheduler.SubmitBatch(10, [&](int64_t) { ++others; }).ok());
      ASSERT_TRUE(scheduler
                      .SubmitBatch(
                          3,
                          [&](int64_t) {
                            EXPECT_TRUE(scheduler.Submit([&] { ++ran; }).ok());  // inherits
                            BasicTaskGroup<W> group(scheduler);
                            for (int i = 0; i < 4; ++i) group.Spawn([&] { ++ran; });
                            group.Wait();
                            ++ran;
                          },
                          kCritical)
                      .ok());
      const bool all = ComesTrue(scheduler, [&] { return ran.load() == 18; });
      EXPECT_EQ(others.load(), 0) << "they have time";
      busy.Release();
      ASSERT_TRUE(all) << "only " << ran.load() << " of 18";
    }
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(others.load(), 10);
    const SchedulerStats stats = scheduler.Stats();
    EXPECT_GE(stats.spares.executed[kCriticalLevel], 18u);
    for (int level = kCriticalLevel + 1; level < kPriorities; ++level) {
      EXPECT_EQ(stats.spares.executed[level], 0u) << level;
    }
  });
}

TYPED_TEST(CriticalTest, WaitsWhereItWasAskedToOrWithOneWorker) {
  using W = TypeParam;
  struct Row {
    SchedulerOptions options;
    bool at_once;
  };
  for (const Row& row : {Row{{.workers = 1, .spares = 1}, false},
                         Row{{.workers = 1, .spares = 1, .critical_at_once = true}, true},
                         Row{{.workers = 2, .spares = 2, .critical_at_once = false}, false},
                         Row{{.workers = 2, .spares = 0}, false}}) {
    this->With(kOneNode, row.options, [&](BasicScheduler<W>& scheduler) {
      std::atomic<bool> ran{false};
      {
        BusyWorkers<W> busy(scheduler);
        ASSERT_TRUE(scheduler.Submit([&] { ran = true; }, kCritical).ok());
        if (row.at_once) {
          EXPECT_TRUE(ComesTrue(scheduler, [&] { return ran.load(); }));
        } else {
          W::Work(1'000'000);
          EXPECT_FALSE(ran.load());
        }
      }
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      EXPECT_TRUE(ran.load());
      EXPECT_EQ(scheduler.Stats().spares.executed[kCriticalLevel] > 0, row.at_once);
    });
  }
}

// Only Critical ones: High is not worth a thread too many.
TYPED_TEST(CriticalTest, OthersWait) {
  using W = TypeParam;
  this->With(kOneNode, {.workers = 2, .spares = 2}, [&](BasicScheduler<W>& scheduler) {
    std::atomic<bool> ran{false};
    {
      BusyWorkers<W> busy(scheduler);
      ASSERT_TRUE(scheduler.Submit([&] { ran = true; }, {.priority = Priority::kHigh}).ok());
      W::Work(1'000'000);
      EXPECT_FALSE(ran.load());
    }
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_TRUE(ran.load());
  });
}

// Lets virtual time pass, in steps so small that others can come in between.
void Pass(Nanos nanos) {
  for (const Nanos end = TimedWorld::Now() + nanos; TimedWorld::Now() < end;) {
    TimedWorld::Work(std::min<Nanos>(200, end - TimedWorld::Now()));
    TimedWorld::SpinPause();
  }
}

// One after the other, each while the spares have just gone to rest: also the one after the last
// that may call.
TEST(CriticalInTurnTest, NoneOfManyWaitsForAWorker) {
  using W = TimedWorld;
  WithScheduler<W>(kOneNode, {.workers = 2, .spares = 2}, [&](BasicScheduler<W>& scheduler) {
    BusyWorkers<W> busy(scheduler);
    for (int i = 0; i < 3 * kCallsAtOnce; ++i) {
      std::atomic<bool> ran{false};
      ASSERT_TRUE(scheduler.Submit([&] { ran = true; }, kCritical).ok());
      for (const Nanos end = W::Now() + 1'000'000; !ran.load() && W::Now() < end;) Pass(200);
      if (!ran.load()) {
        busy.Release();
        FAIL() << "number " << i << " waited";
      }
    }
  });
}

// The spares work at many when two long ones come: one for each of them, though both look at the
// same injector and only one can be at its door.
TEST(CriticalInTurnTest, WhoFindsAnotherAtTheDoorLooksAgain) {
  using W = TimedWorld;
  for (Nanos gap = 0; gap < 3'000; gap += 100) {
    WithScheduler<W>(kOneNode, {.workers = 2, .spares = 2}, [&](BasicScheduler<W>& scheduler) {
      BusyWorkers<W> busy(scheduler);
      std::atomic<int> begun{0};
      const auto both = [&begun] {
        ++begun;
        for (const Nanos end = W::Now() + 1'000'000; begun.load() < 2 && W::Now() < end;) Pass(200);
        EXPECT_EQ(begun.load(), 2) << "the other one waits for this one's end";
      };
      ASSERT_TRUE(scheduler
                      .SubmitBatch(
                          300, [](int64_t) {}, kCritical)
                      .ok());
      Pass(gap);
      ASSERT_TRUE(scheduler.Submit(both, kCritical).ok());
      ASSERT_TRUE(scheduler.Submit(both, kCritical).ok());
      Pass(3'000'000);
      EXPECT_EQ(begun.load(), 2) << gap;
    });
  }
}

// Critical tasks never end, and one of them spawns a Normal one, which a worker has time for.
TEST(CriticalInTurnTest, WhatASpareQueuesBelowDoesNotWaitForItsRest) {
  using W = TimedWorld;
  WithScheduler<W>(kOneNode, {.workers = 2, .spares = 1}, [&](BasicScheduler<W>& scheduler) {
    std::atomic<bool> stop{false};
    Respawn<W> normal{scheduler, stop};
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(scheduler.Submit(normal).ok());
    Pass(100'000);
    std::atomic<Nanos> spawned{0}, began{0};
    const auto spawn = [&] {
      spawned = W::Now();
      EXPECT_TRUE(
          scheduler.Submit([&] { began = W::Now(); }, {.priority = Priority::kNormal}).ok());
    };
    ASSERT_TRUE(scheduler.Submit(spawn, kCritical).ok());
    int64_t sent = 0;
    std::atomic<int64_t> done{0};
    for (const Nanos end = W::Now() + 500'000'000; began.load() == 0 && W::Now() < end;) {
      for (; sent - done.load() < 40; ++sent) {
        ASSERT_TRUE(scheduler
                        .Submit(
                            [&] {
                              W::Work(50'000);
                              ++done;
                            },
                            kCritical)
                        .ok());
      }
      Pass(5'000);
    }
    stop = true;
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_LE(began.load() - spawned.load(), 50'000'000);
  });
}

// Nobody's thread hands down to a spare what is its own.
TEST(CriticalThreadTest, ASpareIsNotLikeWhoeverCallsItFirst) {
  auto scheduler = BasicScheduler<RealWorld>::Create({.workers = 2, .bind = false, .spares = 1});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();
  BusyWorkers<RealWorld> busy(**scheduler);
  sigset_t usr1, before;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &usr1, &before);
  std::thread background([&] {
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 1);
    EXPECT_TRUE((*scheduler)->Submit([] {}, kCritical).ok());
  });
  background.join();
  EXPECT_EQ((*scheduler)->Stats().spares.executed[kCriticalLevel], 0u) << "it would be as nice";
  std::atomic<int> blocked{-1};
  EXPECT_TRUE((*scheduler)
                  ->Submit(
                      [&] {
                        sigset_t mine;
                        pthread_sigmask(SIG_BLOCK, nullptr, &mine);
                        blocked = sigismember(&mine, SIGUSR1);
                      },
                      kCritical)
                  .ok());
  EXPECT_TRUE(ComesTrue(**scheduler, [&] { return blocked.load() != -1; }));
  EXPECT_EQ(blocked.load(), 0);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// The spares of a crew that nobody runs.
class SparesTest : public testing::Test {
 protected:
  using W = RealWorld;

  SparesTest() {
    for (int worker = 0; worker < 4; ++worker) {
      crew_.workers.push_back(std::make_unique<Worker<W>>(crew_, WorkerId(worker), 1));
    }
  }

  Crew<W> crew_{Machine(kOneNode), {CpuId(0), CpuId(1)}, 2};
  bool granted_ = true, may_start_ = true;
  int asked_ = 0;
  Spares<W> spares_{crew_, 2,
                    [this](uint32_t) -> absl::Status {
                      ++asked_;
                      if (!granted_) throw std::bad_alloc();
                      return absl::OkStatus();
                    },
                    [this] { return may_start_; }, [] { return StandIns::kNobody; }};
};

TEST_F(SparesTest, WithoutMemoryForItsThreadASpareRestsOn) {
  granted_ = false;
  const uint32_t reserved = spares_.ReserveForCritical(NodeId(0));
  ASSERT_EQ(reserved, 0u);
  EXPECT_EQ(asked_, 0) << "the task comes first";
  EXPECT_FALSE(spares_.CallIn(reserved));
  EXPECT_FALSE(spares_.Enter(WorkerId(0)));
  EXPECT_EQ(asked_, 2) << "it rested in between";
  spares_.Leave();
}

TEST_F(SparesTest, WhoMayStartNoThreadCallsInOnlyWhoHasOne) {
  may_start_ = false;
  EXPECT_EQ(spares_.ReserveForCritical(NodeId(0)), StandIns::kNobody);
  EXPECT_TRUE(spares_.Enter(WorkerId(1))) << "workers may, and the first call has reserved nobody";
  EXPECT_EQ(asked_, 1);
  spares_.Leave();
  EXPECT_TRUE(spares_.Rest(spares_.IdOf(1)));
  EXPECT_EQ(spares_.ReserveForCritical(NodeId(0)), 1u) << "spare 0, which rests too, has none";
  EXPECT_TRUE(spares_.CallIn(1));
  EXPECT_EQ(asked_, 1);
}

// Between the task's publication and the call its submitter may sleep for as long as it likes, and
// others shut down meanwhile.
TEST(CriticalStormTest, NothingIsLostWhereASchedulerStopsMeanwhile) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<uint64_t> accepted{0}, ran{0};
    auto scheduler = BasicScheduler<RealWorld>::Create({.workers = 2});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE((*scheduler)->Submit([] { RealWorld::Work(200'000); }, kLow).ok());
    }
    std::vector<std::thread> submitters;
    std::atomic<int> begun{0};
    for (int i = 0; i < 2; ++i) {
      submitters.emplace_back([&] {
        ++begun;
        while ((*scheduler)->Submit([&ran] { ++ran; }, kCritical).ok()) ++accepted;
      });
    }
    while (begun.load() < 2) std::this_thread::yield();
    RealWorld::Work(round * 2'000);
    const absl::StatusOr<ShutdownReport> report = (*scheduler)->Shutdown();
    for (std::thread& submitter : submitters) submitter.join();
    ASSERT_TRUE(report.ok() && report->complete);
    ASSERT_EQ(ran.load(), accepted.load());
  }
}

}  // namespace
}  // namespace tally
