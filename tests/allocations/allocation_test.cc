// In steady state the scheduler takes nothing from the heap, through whichever door tasks come.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "gtest/gtest.h"
#include "scheduler/scheduler.h"
#include "tests/allocations/heap_calls.h"

namespace tally::allocations {
namespace {

constexpr int kWorkers = 2;

class AllocationTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HeapIsCounted()) GTEST_SKIP() << "a sanitizer's heap is not counted";
    auto scheduler = Scheduler::Create({.workers = kWorkers});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    scheduler_ = *std::move(scheduler);
    WarmUpLoops();
  }

  // Everybody takes part in a loop: each piece waits until all are in one.
  void WarmUpLoops() {
    std::atomic<int> here{0};
    ParallelFor(*scheduler_, 0, kWorkers,
                [&](int) {
                  ++here;
                  while (here.load() < kWorkers) std::this_thread::yield();
                },
                {.grain = 1});
  }

  // What 200 rounds of `body` take from the heap, once it takes no less any more: what is kept
  // grows with the most that was ever in use at a time, and on a busy machine that comes late.
  template <class Body>
  uint64_t CallsOf(const Body& body) {
    uint64_t fewest = UINT64_MAX;
    for (int window = 0; window < 10 && fewest != 0; ++window) {
      const uint64_t before = HeapCalls();
      for (int round = 0; round < 200; ++round) body();
      fewest = std::min(fewest, HeapCalls() - before);
    }
    return fewest;
  }

  template <class Body>
  uint64_t CallsInside(const Body& body) {
    TaskGroup group(*scheduler_);
    return CallsOf([&] {
      group.Spawn([&] { body(); });
      group.Wait();
    });
  }

  static int Fib(int n) {
    if (n < 2) return n;
    const auto [a, b] = Invoke([n] { return Fib(n - 1); }, [n] { return Fib(n - 2); });
    return a + b;
  }

  void WaitForAll(int64_t tasks) {
    while (ran_.load() < tasks) std::this_thread::yield();
    ran_ = 0;
  }

  std::unique_ptr<Scheduler> scheduler_;
  std::atomic<int64_t> ran_{0};
};

TEST_F(AllocationTest, TheCounterCounts) {
  const uint64_t before = HeapCalls();
  const auto object = std::make_unique<std::array<int, 100>>();
  EXPECT_NE(object, nullptr);
  EXPECT_GE(HeapCalls() - before, 1u);
}

TEST_F(AllocationTest, Invoke) {
  int fib = 0;
  EXPECT_EQ(CallsInside([&] { fib = Fib(15); }), 0u);
  EXPECT_EQ(fib, 610);
}

TEST_F(AllocationTest, GroupsInside) {
  EXPECT_EQ(CallsInside([&] {
              TaskGroup group(*scheduler_);
              for (int i = 0; i < 100; ++i) {
                const auto spawn = [this] {
                  TaskGroup inner(*scheduler_);
                  for (int j = 0; j < 10; ++j) inner.Spawn([this] { ++ran_; });
                  inner.Wait();
                };
                group.Spawn(spawn, {.priority = static_cast<Priority>(i % kPriorities)});
              }
              group.Wait();
            }),
            0u);
}

TEST_F(AllocationTest, GroupsOutside) {
  TaskGroup group(*scheduler_);
  EXPECT_EQ(CallsOf([&] {
              for (int i = 0; i < 100; ++i) group.Spawn([this] { ++ran_; });
              group.SpawnBatch(100, [this](int64_t) { ++ran_; });
              group.Wait();
            }),
            0u);
}

TEST_F(AllocationTest, SubmitFromOutside) {
  bool all_accepted = true;
  EXPECT_EQ(CallsOf([&] {
              for (int i = 0; i < 100; ++i) {
                all_accepted &= scheduler_
                                    ->Submit([this] { ++ran_; },
                                             {.priority = static_cast<Priority>(i % kPriorities)})
                                    .ok();
              }
              all_accepted &= scheduler_->SubmitBatch(500, [this](int64_t) { ++ran_; }).ok();
              WaitForAll(600);
            }),
            0u);
  EXPECT_TRUE(all_accepted);
}

// Closures too big for a task's cell, up to the largest that there are cells for.
template <size_t bytes>
struct Big {
  std::atomic<int64_t>* ran;
  std::array<std::byte, bytes - sizeof(ran)> load;
  void operator()() const { *ran += load[0] == std::byte{1} && load.back() == std::byte{1}; }
};
template <size_t bytes>
Big<bytes> MakeBig(std::atomic<int64_t>& ran) {
  Big<bytes> big{.ran = &ran, .load = {}};
  big.load.front() = big.load.back() = std::byte{1};
  return big;
}

TEST_F(AllocationTest, BigClosures) {
  bool all_accepted = true;
  EXPECT_EQ(CallsOf([&] {
              for (int i = 0; i < 20; ++i) {
                all_accepted &= scheduler_->Submit(MakeBig<72>(ran_)).ok();
                all_accepted &= scheduler_->Submit(MakeBig<16384>(ran_)).ok();
              }
              WaitForAll(40);
            }),
            0u);
  EXPECT_EQ(CallsInside([&] {
              TaskGroup group(*scheduler_);
              for (int i = 0; i < 20; ++i) group.Spawn(MakeBig<4096>(ran_));
              group.Wait();
            }),
            0u);
  EXPECT_TRUE(all_accepted);
}

TEST_F(AllocationTest, SubmitFromInside) {
  bool all_accepted = true;
  EXPECT_EQ(CallsOf([&] {
              all_accepted &= scheduler_
                                  ->Submit([&] {
                                    // More than a deque holds.
                                    (void)scheduler_->SubmitBatch(900, [this](int64_t) { ++ran_; });
                                    ++ran_;
                                  })
                                  .ok();
              WaitForAll(901);
            }),
            0u);
  EXPECT_TRUE(all_accepted);
}

TEST_F(AllocationTest, LoopsAndReductions) {
  int64_t sum = 0;
  const auto loops = [&] {
    ParallelFor(*scheduler_, 0, 1000, [this](int) { ++ran_; });
    ParallelFor(*scheduler_, 0, 100, [this](int) { ++ran_; }, {.grain = 1});
    sum = ParallelReduce(
        *scheduler_, 0, 100'000, int64_t{0}, [](int64_t i) { return i; }, std::plus());
  };
  EXPECT_EQ(CallsOf(loops), 0u) << "from outside";
  EXPECT_EQ(CallsInside(loops), 0u) << "from a task";
  EXPECT_EQ(sum, int64_t{100'000} * 99'999 / 2);
}

TEST_F(AllocationTest, StoppedGroups) {
  TaskGroup group(*scheduler_);
  EXPECT_EQ(CallsOf([&] {
              for (int i = 0; i < 100; ++i) group.Spawn([this] { ++ran_; });
              group.RequestStop();
              (void)group.Wait();
            }),
            0u);
}

TEST_F(AllocationTest, BlockingScopesOnceTheirSparesRun) {
  TaskGroup group(*scheduler_);
  // All spares, once.
  std::atomic<int> here{0};
  for (int i = 0; i < kWorkers; ++i) {
    group.Spawn([&] {
      const BlockingScope scope;
      ++here;
      while (here.load() < kWorkers) std::this_thread::yield();
    });
  }
  group.Wait();
  EXPECT_EQ(CallsOf([&] {
              for (int i = 0; i < 4; ++i) {
                group.Spawn([] {
                  const BlockingScope scope;
                  std::this_thread::yield();
                });
              }
              group.Wait();
            }),
            0u);
  EXPECT_GT(scheduler_->Stats().Total().blocking, 800u);
}

// What a task's cell has no room for: as documented for Submit().
TEST_F(AllocationTest, AClosureOfMoreThanSixteenKilobytesIsOneCall) {
  TaskGroup group(*scheduler_);
  const std::array<int64_t, 2048> ballast{};
  EXPECT_EQ(CallsOf([&] {
              group.Spawn([this, ballast] { ran_ += ballast[0]; });
              group.Wait();
            }),
            200u);
}

}  // namespace
}  // namespace tally::allocations
