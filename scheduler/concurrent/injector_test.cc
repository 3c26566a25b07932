#include "scheduler/concurrent/injector.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

struct Item {
  int number = 0;
  int producer = 0;
  RealWorld::Plain<Item*> next;
  Item* hint = this;  // until there is one

  void SetHint(Item* later) { hint = later; }
  const Item* Hint() const { return hint; }
};
using TestInjector = Injector<RealWorld, Item>;

template <class W>
Taken<Item> Take(Injector<W, Item>& injector, int64_t most, uint32_t& turn) {
  return injector.Take(turn, [most](int64_t) { return most; });
}

template <class T>
std::vector<int> Numbers(T* chain) {
  std::vector<int> numbers;
  for (; chain != nullptr; chain = chain->next.Read()) numbers.push_back(chain->number);
  return numbers;
}

Taken<Item> Take(TestInjector& injector, int64_t most) {
  uint32_t turn = 0;
  return Take(injector, most, turn);
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
      EXPECT_EQ(injector.Queued(), 10 * (t + 1));
    }).join();
  }
  // Who takes from each door in turn finds both threads' tasks, each thread's in their order.
  std::vector<int> first, second;
  uint32_t turn = 0;
  for (int round = 0; injector.Any(); ++round) {
    const std::vector<int> numbers = Numbers(Take(injector, 3, turn).task);
    ASSERT_FALSE(numbers.empty());
    std::vector<int>& thread = numbers[0] < 10 ? first : second;
    thread.insert(thread.end(), numbers.begin(), numbers.end());
    if (round == 1) {
      EXPECT_EQ(first.size(), 3u);
      EXPECT_EQ(second.size(), 3u);
    }
  }
  EXPECT_EQ(injector.Queued(), 0);
  first.insert(first.end(), second.begin(), second.end());
  ASSERT_EQ(first.size(), 20u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(first[i], i);
}

TEST(InjectorTest, HintsPointToWhatComesEightPlacesLater) {
  std::vector<Item> items(40);
  TestInjector injector;
  for (int i = 0; i < 20; ++i) injector.Push(&items[i]);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(items[i].hint, i + 8 < 20 ? &items[i + 8] : nullptr) << i;
  }
  // What is on the takers' list belongs to them: no hint is written into it.
  ASSERT_EQ(Take(injector, 1).task, &items[0]);
  for (int i = 20; i < 30; ++i) injector.Push(&items[i]);
  for (int i = 12; i < 20; ++i) EXPECT_EQ(items[i].hint, nullptr) << i;
  EXPECT_EQ(items[20].hint, &items[28]);
  // Nor where the place is needed for something else.
  for (int i = 30; i < 40; ++i) injector.Push(&items[i], /*hints=*/false);
  EXPECT_EQ(items[29].hint, nullptr);
  for (int i = 30; i < 40; ++i) EXPECT_EQ(items[i].hint, &items[i]) << i;
}

TEST(InjectorTest, TakesTheOldestOfADoorOnlyIfItIsWanted) {
  std::vector<Item> items(2);
  items[1].number = 1;
  TestInjector injector;
  for (Item& item : items) injector.Push(&item);
  const auto take = [&](int number) {
    return injector.TakeOldestIf([number](const Item& item) { return item.number == number; });
  };
  EXPECT_EQ(take(1), nullptr);
  EXPECT_EQ(take(0), &items[0]);
  EXPECT_EQ(take(1), &items[1]);
  EXPECT_FALSE(injector.Any());
}

// A thread that the kernel stops while it holds its door's lock: others, with the same door, and a
// taker come in the middle of its push.
struct OneDoor : RealWorld {
  static uint32_t ThreadNumber() { return 3; }
};
struct Visited {
  int number = 0;
  RealWorld::Plain<Visited*> next;
  std::function<void()> meanwhile;

  void SetHint(Visited*) {
    if (auto visit = std::exchange(meanwhile, nullptr)) visit();
  }
  const Visited* Hint() const { return nullptr; }
};

TEST(InjectorTest, WhoFindsTheDoorLockedNeitherWaitsNorLosesItsTurn) {
  std::vector<Visited> items(7);
  for (int i = 0; i < 7; ++i) items[i].number = i;
  Injector<OneDoor, Visited> injector;
  uint32_t turn = 0;
  const auto take = [&] { return injector.Take(turn, [](int64_t) { return 100; }); };
  items[0].meanwhile = [&] {
    injector.Push(&items[1]);
    EXPECT_TRUE(injector.Any()) << "nobody may sleep";
    items[2].next.Write() = &items[3];
    injector.PushChain(&items[2], &items[3], 2);
    EXPECT_EQ(take().attempt, Attempt::kLost);
    EXPECT_TRUE(injector.Any());
    injector.Push(&items[4]);
  };
  injector.Push(&items[0]);
  injector.Push(&items[5]);
  EXPECT_EQ(injector.Queued(), 6);
  EXPECT_EQ(Numbers(take().task), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  // A taker lets them in, too.
  items[0].meanwhile = [&] { injector.Push(&items[6]); };
  injector.Push(&items[0]);
  EXPECT_EQ(Numbers(take().task), (std::vector<int>{0, 6}));
  EXPECT_FALSE(injector.Any());
  EXPECT_EQ(injector.Queued(), 0);
}

template <class W>
void Stress() {
  constexpr int kProducers = 3, kTakers = 2, kEach = 50'000;
  std::vector<std::vector<Item>> items(kProducers);
  Injector<W, Item> injector;
  std::atomic<int> taken{0};
  std::vector<std::vector<std::atomic<int>>> seen(kProducers);
  for (auto& each : seen) each = std::vector<std::atomic<int>>(kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kTakers; ++t) {
    threads.emplace_back([&] {
      std::vector<int> last(kProducers, -1);
      uint32_t turn = 0;
      while (taken.load() < kProducers * kEach) {
        const Taken<Item> batch = Take(injector, 7, turn);
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

TEST(InjectorTest, StressKeepsEachProducersOrderAndLosesNothing) { Stress<RealWorld>(); }

// All at one door, whose lock they find held by somebody who is stopped.
struct PreemptedAtOneDoor : PreemptedWorld {
  static uint32_t ThreadNumber() { return 1; }
};
TEST(InjectorTest, WhoIsStoppedLosesNothingAndKeepsTheOrder) { Stress<PreemptedAtOneDoor>(); }

}  // namespace
}  // namespace tally
