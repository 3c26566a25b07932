// What parallel reductions promise, in both worlds.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/parallel_reduce.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class ReduceTest : public testing::Test {
 protected:
  template <class Body>
  void With(int workers, const Body& body) {
    WithScheduler<W>("package:2 numa:1 core:4 pu:1", {.workers = workers, .bind = false}, body);
  }
};

TYPED_TEST_SUITE(ReduceTest, Worlds, WorldNames);

// Numbers of very different sizes and signs: every other order gives another sum.
std::vector<double> Numbers(size_t count) {
  Random random(7);
  std::vector<double> numbers;
  for (size_t i = 0; i < count; ++i) {
    const double magnitude = static_cast<double>(uint64_t{1} << random.Below(60));
    numbers.push_back((static_cast<double>(random.Below(2'000'001)) - 1'000'000) / magnitude);
  }
  return numbers;
}

// The sum as documented: leaves folded from 0 on, neighbours combined level by level.
double SumInDocumentedOrder(const std::vector<double>& numbers, size_t leaf) {
  std::vector<double> level;
  for (size_t first = 0; first < numbers.size(); first += leaf) {
    double sum = 0;
    for (size_t i = first; i < std::min(first + leaf, numbers.size()); ++i) sum += numbers[i];
    level.push_back(sum);
  }
  while (level.size() > 1) {
    std::vector<double> above;
    for (size_t i = 0; i + 1 < level.size(); i += 2) above.push_back(level[i] + level[i + 1]);
    if (level.size() % 2 == 1) above.push_back(level.back());
    level.swap(above);
  }
  return level.front();
}

uint64_t Bits(double value) { return std::bit_cast<uint64_t>(value); }
double Same(double value) { return value; }

TYPED_TEST(ReduceTest, SumsHaveTheSameBitsForAnyNumberOfWorkers) {
  using W = TypeParam;
  for (const size_t size : {1, 2, 3, 1000, 1024, 1025, 5000}) {
    const std::vector<double> numbers = Numbers(size);
    for (const int64_t grain : {0, 1, 7, 100'000}) {
      const size_t leaf = grain > 0 ? static_cast<size_t>(grain) : (size + 1023) / 1024;
      const uint64_t expected = Bits(SumInDocumentedOrder(numbers, leaf));
      const std::string what = std::to_string(size) + " by " + std::to_string(grain);
      const LoopOptions options = {.grain = grain};
      EXPECT_EQ(Bits(ParallelReduce<RealWorld>(numbers, 0.0, Same, std::plus(), options)), expected)
          << what << " on no worker";
      for (int workers = 1; workers <= 8; ++workers) {
        this->With(workers, [&](BasicScheduler<W>& scheduler) {
          const double sum = ParallelReduce(scheduler, numbers, 0.0, Same, std::plus(), options);
          EXPECT_EQ(Bits(sum), expected) << what << " on " << workers << " workers";
        });
      }
    }
  }
}

TYPED_TEST(ReduceTest, LeavesThatTakeDifferentTimesDoNotChangeTheOrder) {
  using W = TypeParam;
  this->With(5, [&](BasicScheduler<W>& scheduler) {
    // Strings: combining does not commute.
    const auto letter = [](int i) {
      W::Work(i % 7 == 0 ? 5'000 : 10);
      return std::string(1, static_cast<char>('a' + i % 26));
    };
    std::string expected;
    for (int i = 0; i < 300; ++i) expected += static_cast<char>('a' + i % 26);
    for (const int64_t grain : {0, 1, 8}) {
      EXPECT_EQ(
          ParallelReduce(scheduler, 0, 300, std::string(), letter, std::plus(), {.grain = grain}),
          expected);
    }
  });
}

TYPED_TEST(ReduceTest, RangesOfAllKindsAreReduced) {
  using W = TypeParam;
  this->With(3, [&](BasicScheduler<W>& scheduler) {
    const auto square = [](int64_t i) { return i * i; };
    EXPECT_EQ(ParallelReduce(scheduler, 0, 1001, int64_t{0}, square, std::plus()), 333'833'500);
    EXPECT_EQ(ParallelReduce(scheduler, 5, 5, int64_t{-1}, square, std::plus()), -1) << "identity";
    const std::vector<int> numbers = {3, 1, 4, 1, 5, 9, 2, 6};
    const auto larger = [](int a, int b) { return std::max(a, b); };
    EXPECT_EQ(ParallelReduce(
                  scheduler, numbers, 0, [](int i) { return i; }, larger),
              9);
    EXPECT_EQ(
        ParallelReduce(
            scheduler, numbers.begin(), numbers.begin() + 4, 0, [](int i) { return i; }, larger),
        4);
    // More leaves than the limit would need a value each.
    EXPECT_EQ(ParallelReduce(scheduler, 0, 3'000'000, int64_t{0}, [](int) { return 1; },
                             std::plus(), {.grain = 1}),
              3'000'000);
  });
}

TYPED_TEST(ReduceTest, ATaskNeedsNoScheduler) {
  using W = TypeParam;
  this->With(4, [&](BasicScheduler<W>& scheduler) {
    int sum = 0;
    BasicTaskGroup<W> group(scheduler);
    group.Spawn([&] {
      sum = ParallelReduce<W>(0, 500, 0, [](int i) { return i; }, std::plus(), {.grain = 1});
    });
    group.Wait();
    EXPECT_EQ(sum, 124'750);
  });
}

// Counts how many there are of it.
class Counted {
 public:
  explicit Counted(std::atomic<int>* alive) : alive_(alive) { alive_->fetch_add(1); }
  Counted(const Counted& other) : alive_(other.alive_) { alive_->fetch_add(1); }
  Counted& operator=(const Counted&) = default;
  ~Counted() { alive_->fetch_sub(1); }

 private:
  std::atomic<int>* alive_;
};

TYPED_TEST(ReduceTest, ExceptionsComeOutAndEveryValueIsDestroyed) {
  using W = TypeParam;
  std::atomic<int> alive{0};
  this->With(4, [&](BasicScheduler<W>& scheduler) {
    for (const int thrower : {0, 99, 199}) {
      const auto map = [&](int i) {
        if (i == thrower) throw std::runtime_error("map");
        return Counted(&alive);
      };
      const auto first = [](Counted a, const Counted&) { return a; };
      EXPECT_THROW(
          (void)ParallelReduce(scheduler, 0, 200, Counted(&alive), map, first, {.grain = 1}),
          std::runtime_error);
      EXPECT_EQ(alive.load(), 0);
    }
    const auto combine = [](Counted, const Counted&) -> Counted {
      throw std::logic_error("combine");
    };
    EXPECT_THROW(
        (void)ParallelReduce(
            scheduler, 0, 200, Counted(&alive), [&](int) { return Counted(&alive); }, combine),
        std::logic_error);
    EXPECT_EQ(alive.load(), 0);
  });
}

TYPED_TEST(ReduceTest, AfterTheShutdownItIsDoneHere) {
  using W = TypeParam;
  this->With(2, [&](BasicScheduler<W>& scheduler) {
    ASSERT_TRUE(scheduler.Shutdown().ok());
    EXPECT_EQ(ParallelReduce(
                  scheduler, 0, 100, 0, [](int i) { return i; }, std::plus()),
              4950);
  });
}

}  // namespace
}  // namespace tally
