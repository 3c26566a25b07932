// Batches: many tasks in one go.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
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
#include "scheduler/runtime/stats.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class BatchTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, const Body& body) {
    WithScheduler<W>("package:2 numa:1 core:4 pu:1",
                     {.workers = workers, .placement = PlacementPolicy::kScatter}, body);
  }
};

TYPED_TEST_SUITE(BatchTest, Worlds, WorldNames);

TYPED_TEST(BatchTest, RunsEachIndexOnceFromOutsideAndInside) {
  using W = TypeParam;
  for (const int workers : {1, 8}) {
    this->With(workers, [&](BasicScheduler<W>& scheduler) {
      constexpr int kTasks = 1001;
      std::vector<std::atomic<int>> ran(kTasks);
      const auto body = [&ran](int64_t i) { ++ran[static_cast<size_t>(i)]; };
      ASSERT_TRUE(scheduler.SubmitBatch(kTasks, body).ok());
      ASSERT_TRUE(scheduler.SubmitBatch(0, body).ok());
      ASSERT_TRUE(scheduler.SubmitBatch(-3, body).ok());
      BasicTaskGroup<W> group(scheduler);
      group.SpawnBatch(kTasks, body, {.priority = Priority::kHigh, .node = NodeId(1)});
      EXPECT_TRUE(group.Wait());
      group.Spawn([&] {
        EXPECT_TRUE(scheduler.SubmitBatch(kTasks, body).ok());
        BasicTaskGroup<W> inner(scheduler);
        inner.SpawnBatch(kTasks, body);
        EXPECT_TRUE(inner.Wait());
      });
      group.Wait();
      const absl::Status nowhere = scheduler.SubmitBatch(3, body, {.node = NodeId(7)});
      EXPECT_EQ(nowhere.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_TRUE(scheduler.Shutdown()->complete);
      for (size_t i = 0; i < kTasks; ++i) ASSERT_EQ(ran[i].load(), 4) << i;
      const absl::Status late = scheduler.SubmitBatch(3, body);
      EXPECT_EQ(late.code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_EQ(ran[0].load(), 4);
      group.SpawnBatch(2, body);  // runs here and now
      EXPECT_TRUE(group.Wait());
      EXPECT_EQ(ran[0].load(), 5);
    });
  }
}

// The only worker is in a task until it may go on, so that all that is submitted meanwhile queues.
template <class W>
class Occupied {
 public:
  explicit Occupied(BasicScheduler<W>& scheduler) {
    const auto busy = [this] {
      runs_.Unpark();
      go_on_.Park();
    };
    EXPECT_TRUE(scheduler.Submit(busy).ok());
    runs_.Park();
  }
  void GoOn() { go_on_.Unpark(); }

 private:
  typename W::Parker runs_, go_on_;
};

TYPED_TEST(BatchTest, IsQueuedAsAWholeAndStartsInOrder) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = 1, .topology = machine});
    ASSERT_TRUE(scheduler.ok());
    Occupied<W> worker(**scheduler);
    constexpr int64_t kTasks = 500;
    std::vector<int64_t> order;
    ASSERT_TRUE((*scheduler)->SubmitBatch(kTasks, [&](int64_t i) { order.push_back(i); }).ok());
    const uint64_t takes = (*scheduler)->Stats().Total().injector_takes;
    EXPECT_EQ((*scheduler)->Stats().queued_in_injectors, kTasks);
    worker.GoOn();
    EXPECT_TRUE((*scheduler)->Shutdown()->complete);
    EXPECT_EQ((*scheduler)->Stats().Total().injector_takes - takes, static_cast<uint64_t>(kTasks));
    ASSERT_EQ(order.size(), static_cast<size_t>(kTasks));
    EXPECT_EQ(order.front(), 0) << "the oldest is the first in the taker's hand";
    for (int64_t at = 0; at < kTasks; ++at) {
      EXPECT_LE(std::abs(order[static_cast<size_t>(at)] - at), 128) << "place " << at;
    }
  });
}

// Each comes in by a door of its own; the worker serves the doors in turn.
TYPED_TEST(BatchTest, NoThreadOutsideWaitsUntilAnothersTasksAreOver) {
  using W = TypeParam;
  const auto machine = Machine("package:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = 1, .topology = machine});
    ASSERT_TRUE(scheduler.ok());
    Occupied<W> worker(**scheduler);
    constexpr int kThreads = 3, kTasks = 500;
    std::vector<int> order;
    for (int t = 0; t < kThreads; ++t) {
      typename W::Thread thread;
      const auto produce = [&] {
        for (int i = 0; i < kTasks; ++i) {
          ASSERT_TRUE((*scheduler)->Submit([&order, t] { order.push_back(t); }).ok());
        }
      };
      ASSERT_TRUE(thread.Start({}, produce).ok());
      thread.Join();
    }
    worker.GoOn();
    EXPECT_TRUE((*scheduler)->Shutdown()->complete);
    ASSERT_EQ(order.size(), size_t{kThreads} * kTasks);
    for (int t = 0; t < kThreads; ++t) {
      const auto first = std::find(order.begin(), order.end(), t) - order.begin();
      EXPECT_LT(first, kThreads * 64) << "thread " << t;
    }
  });
}

TYPED_TEST(BatchTest, WithoutANodeTheNodesWithWorkersShareIt) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {  // one worker on each node
    typename W::Parker runs[2], go_on[2];
    for (int node : {0, 1}) {
      ASSERT_TRUE(scheduler
                      .Submit(
                          [&runs, &go_on, node] {
                            runs[node].Unpark();
                            go_on[node].Park();
                          },
                          {.node = NodeId(node)})
                      .ok());
    }
    for (int node : {0, 1}) runs[node].Park();
    std::atomic<int> ran{0};
    const uint64_t before = scheduler.Stats().submitted_outside;
    ASSERT_TRUE(scheduler.SubmitBatch(101, [&](int64_t) { ++ran; }).ok());
    EXPECT_EQ(scheduler.Stats().submitted_outside - before, 101u);
    EXPECT_EQ(scheduler.Stats().queued_in_injectors, 101);
    for (int node : {0, 1}) go_on[node].Unpark();
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(ran.load(), 101);
  });
}

// A closure of which only so many copies can be made.
struct Brittle {
  std::shared_ptr<int> copies = std::make_shared<int>(0);
  std::atomic<int>* ran;
  explicit Brittle(std::atomic<int>* counter) : ran(counter) {}
  Brittle(const Brittle& other) : copies(other.copies), ran(other.ran) {
    if (++*copies > 20) throw std::runtime_error("no more copies");
  }
  void operator()(int64_t) const { ++*ran; }
};

TYPED_TEST(BatchTest, OneThatCannotBeCopiedDoesNotHappen) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    std::atomic<int> ran{0};
    BasicTaskGroup<W> group(scheduler);
    const Brittle brittle(&ran);
    EXPECT_THROW(group.SpawnBatch(100, brittle), std::runtime_error);
    EXPECT_TRUE(group.Wait());
    EXPECT_EQ(brittle.copies.use_count(), 1) << "every copy is gone";
    EXPECT_TRUE(scheduler.Shutdown()->complete);
    EXPECT_EQ(ran.load(), 0);
    EXPECT_EQ(scheduler.Stats().submitted_outside, 0u);
  });
}

TYPED_TEST(BatchTest, ManyAtOnceFromManyThreadsWhileTheSchedulerShutsDown) {
  using W = TypeParam;
  for (int round = 0; round < 20; ++round) {
    this->With(3, [&](BasicScheduler<W>& scheduler) {
      constexpr int kThreads = 3;
      std::atomic<uint64_t> accepted{0}, ran{0};
      std::array<typename W::Thread, kThreads> threads;
      for (typename W::Thread& thread : threads) {
        const auto produce = [&] {
          while (scheduler.SubmitBatch(70, [&](int64_t) { ++ran; }).ok()) {
            accepted += 70;
            W::Work(2000);
          }
        };
        ASSERT_TRUE(thread.Start({}, produce).ok());
      }
      W::Work(50'000 + 7'000 * round);
      const auto report = scheduler.Shutdown();
      for (typename W::Thread& thread : threads) thread.Join();
      EXPECT_TRUE(report->complete);
      EXPECT_EQ(ran.load(), accepted.load());
    });
  }
}

}  // namespace
}  // namespace tally
