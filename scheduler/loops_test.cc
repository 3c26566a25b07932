// Loops as users write them, with the public header only.

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/scheduler.h"

namespace tally {
namespace {

TEST(LoopsTest, WithAScheduler) {
  auto scheduler = Scheduler::Create({.workers = 2, .bind = false});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();

  std::vector<int> squares(1000);
  ParallelFor(**scheduler, 0, 1000, [&](int i) { squares[i] = i * i; });
  ParallelFor(**scheduler, squares, [](int& square) { square += 1; }, {.grain = 50});
  ParallelFor(**scheduler, squares.begin(), squares.end(), [](int& square) { square -= 1; },
              {.name = "minus"});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(squares[i], i * i);

  const auto same = [](int square) { return int64_t{square}; };
  EXPECT_EQ(ParallelReduce(**scheduler, squares, int64_t{0}, same, std::plus()), 332'833'500);
  EXPECT_EQ(ParallelReduce(**scheduler, 0, 10, std::string(),
                           [](int i) { return std::to_string(i); }, std::plus(), {.grain = 3}),
            "0123456789");
}

TEST(LoopsTest, InsideATaskWithoutSayingWhichScheduler) {
  auto scheduler = Scheduler::Create({.workers = 2, .bind = false});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();
  std::atomic<int> calls{0};
  int sum = 0;
  TaskGroup group(**scheduler);
  group.Spawn([&] {
    ParallelFor(0, 100, [&](int) { calls.fetch_add(1); }, {.grain = 1});
    std::vector<int> elements(10, 3);
    ParallelFor(elements, [&](int& element) { calls.fetch_add(element); });
    sum = ParallelReduce(
        elements, 0, [](int element) { return element; }, std::plus());
    sum += ParallelReduce(
        0, 10, 0, [](int i) { return i; }, std::plus());
  });
  group.Wait();
  EXPECT_EQ(calls.load(), 130);
  EXPECT_EQ(sum, 75);
}

TEST(LoopsTest, OutsideAnyScheduler) {
  std::vector<int> order;
  ParallelFor(0, 5, [&](int i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(ParallelReduce(
                order, 0, [](int i) { return i; }, std::plus()),
            10);
}

TEST(LoopsTest, ABodysExceptionComesOut) {
  auto scheduler = Scheduler::Create({.workers = 2, .bind = false});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();
  const auto body = [](int i) {
    if (i == 77) throw std::out_of_range("77");
  };
  EXPECT_THROW(ParallelFor(**scheduler, 0, 100, body), std::out_of_range);
}

}  // namespace
}  // namespace tally
