#include "scheduler/concurrent/deque.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

struct Item {
  int number = 0;
};
using TestDeque = Deque<RealWorld, Item>;

std::vector<Item> Items(int count) {
  std::vector<Item> items(count);
  for (int i = 0; i < count; ++i) items[i].number = i;
  return items;
}

TEST(DequeTest, Smoke) {
  std::vector<Item> items = Items(4);
  TestDeque deque(4);
  EXPECT_EQ(deque.Pop(), nullptr);
  for (Item& item : items) deque.Push(&item);
  EXPECT_EQ(deque.Pop(), &items[3]) << "the owner pops the newest";
  EXPECT_EQ(deque.Steal().task, &items[0]) << "a thief steals the oldest";
  EXPECT_EQ(deque.Depth(), 2);
  EXPECT_EQ(deque.Steal().task, &items[1]);
  EXPECT_EQ(deque.Pop(), &items[2]);
  EXPECT_EQ(deque.Pop(), nullptr);
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty);
}

TEST(DequeTest, IsEmpty) {
  Item item;
  TestDeque deque(2);
  EXPECT_EQ(deque.Depth(), 0);
  for (int round = 0; round < 5; ++round) {
    deque.Push(&item);
    EXPECT_EQ(deque.Depth(), 1);
    EXPECT_EQ(deque.PeekDepth(), 1);
    EXPECT_EQ(round % 2 == 0 ? deque.Pop() : deque.Steal().task, &item);
    EXPECT_EQ(deque.Depth(), 0);
    EXPECT_EQ(deque.PeekDepth(), 0);
  }
}

TEST(DequeTest, RoomComesBackWithEveryPopAndSteal) {
  std::vector<Item> items = Items(16);
  TestDeque deque(4);
  int next = 0;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(deque.HasRoom());
    deque.Push(&items[next++]);
  }
  EXPECT_FALSE(deque.HasRoom());
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_TRUE(deque.HasRoom());
  deque.Push(&items[next++]);
  EXPECT_FALSE(deque.HasRoom());
  EXPECT_EQ(deque.Pop(), &items[4]);
  EXPECT_TRUE(deque.HasRoom());
  for (int i = 1; i < 4; ++i) EXPECT_EQ(deque.Steal().task, &items[i]);
}

TEST(DequeTest, AMarkHidesWhatIsOlder) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  deque.Push(&items[0]);
  deque.Push(&items[1]);
  const int64_t mark = deque.NextIndex();
  deque.Push(&items[2]);
  EXPECT_EQ(deque.Steal(mark).attempt, Attempt::kEmpty) << "the oldest is below the mark";
  EXPECT_EQ(deque.Pop(mark), &items[2]);
  EXPECT_EQ(deque.Pop(mark), nullptr);
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_EQ(deque.Steal().task, &items[1]);
  deque.Push(&items[3]);
  EXPECT_EQ(deque.Steal(mark).task, &items[3]) << "indices go on, so the mark still holds";
}

// Everything pushed comes out exactly once, however many thieves there are.
void Race(int thieves, int count, uint32_t capacity, bool owner_pops) {
  std::vector<Item> items = Items(count);
  TestDeque deque(capacity);
  std::vector<std::atomic<int>> taken(count);
  std::atomic<int> left{count};
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < thieves; ++t) {
    threads.emplace_back([&] {
      int last = -1;
      while (left.load() > 0) {
        const Taken<Item> stolen = deque.Steal();
        if (stolen.attempt == Attempt::kLost) lost.fetch_add(1);
        if (stolen.attempt != Attempt::kTaken) continue;
        EXPECT_GT(stolen.task->number, last) << "one thief sees rising ages";
        last = stolen.task->number;
        taken[stolen.task->number].fetch_add(1);
        left.fetch_sub(1);
      }
    });
  }
  for (int next = 0; next < count;) {
    if (deque.HasRoom()) deque.Push(&items[next++]);
    if (owner_pops && next % 3 == 0) {
      if (Item* item = deque.Pop()) {
        taken[item->number].fetch_add(1);
        left.fetch_sub(1);
      }
    }
  }
  while (owner_pops && left.load() > 0) {
    if (Item* item = deque.Pop()) {
      taken[item->number].fetch_add(1);
      left.fetch_sub(1);
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < count; ++i) ASSERT_EQ(taken[i].load(), 1) << "item " << i;
}

TEST(DequeTest, Spsc) { Race(1, 50'000, 64, false); }
TEST(DequeTest, Stampede) { Race(4, 30'000, 1024, false); }
TEST(DequeTest, Stress) { Race(3, 50'000, 16, true); }
TEST(DequeTest, TheLastElementIsTakenOnce) { Race(2, 50'000, 2, true); }

TEST(DequeTest, NoStarvation) {
  // While the owner pushes and pops, each of the thieves gets something in the end.
  Item item;
  TestDeque deque(64);
  constexpr int kThieves = 3;
  std::atomic<int> fed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThieves; ++t) {
    threads.emplace_back([&] {
      while (deque.Steal().attempt != Attempt::kTaken) {
      }
      fed.fetch_add(1);
    });
  }
  for (uint32_t i = 0; fed.load() < kThieves; ++i) {
    if (deque.HasRoom()) deque.Push(&item);
    if (i % 4 == 0) (void)deque.Pop();
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(DequeTest, OwnsNothing) {
  // What is left inside is the caller's: a deque that is destroyed full frees no task.
  auto item = std::make_unique<Item>();
  {
    TestDeque deque(2);
    deque.Push(item.get());
  }
  item->number = 1;
}

}  // namespace
}  // namespace tally
