#include "scheduler/concurrent/injector.h"

#include <atomic>
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

std::vector<int> Numbers(Item* chain) {
  std::vector<int> numbers;
  for (; chain != nullptr; chain = chain->next.Read()) numbers.push_back(chain->number);
  return numbers;
}

TEST(InjectorTest, FirstInFirstOutInBatchesOfAnySize) {
  std::vector<Item> items(10);
  TestInjector injector;
  EXPECT_EQ(injector.Take(4).attempt, Attempt::kEmpty);
  for (int i = 0; i < 10; ++i) {
    items[i].number = i;
    injector.Push(&items[i]);
    if (i == 4) {
      EXPECT_EQ(Numbers(injector.Take(2).task), (std::vector<int>{0, 1}));
    }
  }
  EXPECT_EQ(injector.Queued(), 8);
  EXPECT_EQ(Numbers(injector.Take(1).task), (std::vector<int>{2}));
  // 3 and 4 are an older list than 5 to 9: a batch never mixes them, order holds all the same.
  EXPECT_EQ(Numbers(injector.Take(100).task), (std::vector<int>{3, 4}));
  EXPECT_EQ(Numbers(injector.Take(100).task), (std::vector<int>{5, 6, 7, 8, 9}));
  EXPECT_EQ(injector.Take(1).attempt, Attempt::kEmpty);
  EXPECT_EQ(injector.Queued(), 0);
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
        const Taken<Item> batch = injector.Take(7);
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
