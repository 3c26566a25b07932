#include "scheduler/concurrent/injector.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

struct Item {
  int number = 0;
  int producer = 0;
  RealWorld::Plain<Item*> next;
};
using TestInjector = Injector<RealWorld, Item>;

Taken<Item> Take(TestInjector& injector, int64_t most) {
  return injector.Take([most](int64_t) { return most; });
}

std::vector<int> Numbers(Item* chain) {
  std::vector<int> numbers;
  for (; chain != nullptr; chain = chain->next.Read()) numbers.push_back(chain->number);
  return numbers;
}

TEST(InjectorTest, FirstInFirstOutInBatchesOfAnySize) {
  std::vector<Item> items(10);
  TestInjector injector;
  EXPECT_EQ(Take(injector, 4).attempt, Attempt::kEmpty);
  for (int i = 0; i < 10; ++i) {
    items[i].number = i;
    injector.Push(&items[i]);
    if (i == 4) {
      EXPECT_EQ(Numbers(Take(injector, 2).task), (std::vector<int>{0, 1}));
    }
  }
  EXPECT_EQ(injector.Queued(), 8);
  EXPECT_EQ(Numbers(Take(injector, 1).task), (std::vector<int>{2}));
  // 3 and 4 are an older list than 5 to 9: a batch never mixes them, order holds all the same.
  EXPECT_EQ(Numbers(Take(injector, 100).task), (std::vector<int>{3, 4}));
  EXPECT_EQ(Numbers(Take(injector, 100).task), (std::vector<int>{5, 6, 7, 8, 9}));
  EXPECT_EQ(Take(injector, 1).attempt, Attempt::kEmpty);
  EXPECT_EQ(injector.Queued(), 0);
}

TEST(InjectorTest, ThreadsEnterByTheirDoorsAndNobodyIsForgotten) {
  std::vector<Item> items(20);
  for (int i = 0; i < 20; ++i) items[i].number = i;
  TestInjector injector;
  EXPECT_FALSE(injector.Any());
  // One thread after the other, so each at a door of its own.
  for (int t = 0; t < 2; ++t) {
    std::thread([&, t] {
      for (int i = 10 * t; i < 10 * (t + 1); ++i) injector.Push(&items[i]);
      EXPECT_EQ(injector.SeenFromHere(), 10);
    }).join();
  }
  EXPECT_EQ(injector.AtLeast(), 2) << "one for each door";
  EXPECT_EQ(injector.Queued(), 20);
  std::vector<int> numbers = Numbers(Take(injector, 15).task);
  EXPECT_EQ(injector.AtLeast(), 5) << "the rest of the list";
  EXPECT_EQ(injector.Queued(), 5);
  const std::vector<int> rest = Numbers(Take(injector, 15).task);
  numbers.insert(numbers.end(), rest.begin(), rest.end());
  ASSERT_EQ(numbers.size(), 20u);
  // A door's tasks follow each other, in their order.
  if (numbers[0] != 0) std::rotate(numbers.begin(), numbers.begin() + 10, numbers.end());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(numbers[i], i);
  EXPECT_FALSE(injector.Any());
}

TEST(InjectorTest, StressKeepsEachProducersOrderAndLosesNothing) {
  constexpr int kProducers = 3, kTakers = 2, kEach = 50'000;
  std::vector<std::vector<Item>> items(kProducers);
  TestInjector injector;
  std::atomic<int> taken{0};
  std::vector<std::vector<std::atomic<int>>> seen(kProducers);
  for (auto& each : seen) each = std::vector<std::atomic<int>>(kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kTakers; ++t) {
    threads.emplace_back([&] {
      std::vector<int> last(kProducers, -1);
      while (taken.load() < kProducers * kEach) {
        const Taken<Item> batch = Take(injector, 7);
        if (batch.attempt != Attempt::kTaken) continue;
        for (Item* item = batch.task; item != nullptr; item = item->next.Read()) {
          EXPECT_GT(item->number, last[item->producer]);
          last[item->producer] = item->number;
          seen[item->producer][item->number].fetch_add(1);
          taken.fetch_add(1);
        }
      }
    });
  }
  for (int p = 0; p < kProducers; ++p) {
    items[p] = std::vector<Item>(kEach);
    threads.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) {
        items[p][i].number = i;
        items[p][i].producer = p;
        injector.Push(&items[p][i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& each : seen) {
    for (const std::atomic<int>& count : each) ASSERT_EQ(count.load(), 1);
  }
  EXPECT_EQ(injector.Queued(), 0);
}

}  // namespace
}  // namespace tally
