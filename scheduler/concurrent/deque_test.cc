#include "scheduler/concurrent/deque.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

struct Item {
  int number = 0;
};
using TestDeque = Deque<RealWorld, Item>;

// A thief that asks while `patient()`.
template <class W, class Patient>
Taken<Item> StealPatiently(Deque<W, Item>& deque, int64_t oldest, uint32_t name, Patient patient) {
  const Taken<Item> shared = deque.Steal(oldest);
  if (shared.attempt != Attempt::kEmpty || !deque.AskAndWait(name, patient)) return shared;
  return deque.Steal(oldest);
}
// One that asks, and settles at once.
Taken<Item> StealFrom(TestDeque& deque, int64_t oldest = 0, uint32_t name = 0) {
  return StealPatiently(deque, oldest, name, [] { return false; });
}

template <class W>
void Push(Deque<W, Item>& deque, Item* item) {
  ASSERT_TRUE(deque.Open() && deque.TryPush(item));
}

std::vector<Item> Items(int count) {
  std::vector<Item> items(count);
  for (int i = 0; i < count; ++i) items[i].number = i;
  return items;
}

TEST(DequeTest, Smoke) {
  std::vector<Item> items = Items(4);
  TestDeque deque(4);
  EXPECT_EQ(deque.Pop(), nullptr);
  for (Item& item : items) Push(deque, &item);
  EXPECT_EQ(deque.Pop(), &items[3]) << "the owner pops the newest";
  EXPECT_EQ(StealFrom(deque).task, &items[0]) << "a thief steals the oldest";
  EXPECT_EQ(deque.Depth(), 2);
  EXPECT_EQ(StealFrom(deque).task, &items[1]);
  EXPECT_EQ(deque.Pop(), &items[2]);
  EXPECT_EQ(deque.Pop(), nullptr);
  EXPECT_EQ(StealFrom(deque).attempt, Attempt::kEmpty);
}

TEST(DequeTest, IsEmpty) {
  Item item;
  TestDeque deque(2);
  EXPECT_EQ(deque.Depth(), 0);
  for (int round = 0; round < 5; ++round) {
    Push(deque, &item);
    EXPECT_EQ(deque.Depth(), 1);
    EXPECT_EQ(deque.PeekDepth(), 1);
    EXPECT_EQ(round % 2 == 0 ? deque.Pop() : StealFrom(deque).task, &item);
    EXPECT_EQ(deque.Depth(), 0);
    EXPECT_EQ(deque.PeekDepth(), 0);
  }
}

TEST(DequeTest, RoomComesBackWithEveryPopAndSteal) {
  std::vector<Item> items = Items(16);
  TestDeque deque(4);
  int next = 0;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(deque.Open());
    Push(deque, &items[next++]);
  }
  EXPECT_FALSE(deque.Open());
  EXPECT_EQ(StealFrom(deque).task, &items[0]);
  EXPECT_FALSE(deque.Open()) << "it has just looked";
  EXPECT_TRUE(deque.Open());
  Push(deque, &items[next++]);
  EXPECT_FALSE(deque.Open());
  EXPECT_EQ(deque.Pop(), &items[4]);
  EXPECT_TRUE(deque.Open());
  for (int i = 1; i < 4; ++i) EXPECT_EQ(StealFrom(deque).task, &items[i]);
}

// How often Open() says no to a full deque, when a thief takes so many each time that it has
// looked.
std::vector<int> RefusalsWhileThievesTake(const std::vector<int>& steals) {
  std::vector<Item> items = Items(64);
  TestDeque deque(64);
  for (Item& item : items) Push(deque, &item);
  std::vector<int> refusals;
  for (const int some : steals) {
    EXPECT_FALSE(deque.Open()) << "it is full";
    for (int i = 0; i < some; ++i) EXPECT_EQ(StealFrom(deque).attempt, Attempt::kTaken);
    refusals.push_back(0);
    while (!deque.Open()) ++refusals.back();
    for (int i = 0; i < some; ++i) Push(deque, &items[i]);
  }
  return refusals;
}

TEST(DequeTest, WhoFindsItFullLooksRarelyWhereThievesAreSlow) {
  EXPECT_EQ(RefusalsWhileThievesTake({1, 1, 1, 1, 1, 1, 30, 30, 30, 30, 1}),
            (std::vector<int>{1, 3, 7, 15, 31, 31, 31, 7, 1, 1, 1}));
}

TEST(DequeTest, ClosingForgetsThatItWasFull) {
  std::vector<Item> items = Items(2);
  TestDeque deque(2);
  for (Item& item : items) Push(deque, &item);
  EXPECT_FALSE(deque.Open());
  EXPECT_NE(deque.Pop(), nullptr);
  deque.Close();
  EXPECT_TRUE(deque.Open());
}

TEST(DequeTest, AMarkHidesWhatIsOlder) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  Push(deque, &items[0]);
  Push(deque, &items[1]);
  const int64_t mark = deque.NextIndex();
  Push(deque, &items[2]);
  EXPECT_EQ(StealFrom(deque, mark).attempt, Attempt::kEmpty) << "the oldest is below the mark";
  EXPECT_EQ(deque.Pop(mark), &items[2]);
  EXPECT_EQ(deque.Pop(mark), nullptr);
  EXPECT_EQ(StealFrom(deque).task, &items[0]);
  EXPECT_EQ(StealFrom(deque).task, &items[1]);
  Push(deque, &items[3]);
  EXPECT_EQ(StealFrom(deque, mark).task, &items[3]) << "indices go on, so the mark still holds";
}

TEST(DequeTest, WhatIsPushedIsTheOwnersUntilAThiefAsks) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  for (Item& item : items) Push(deque, &item);
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty) << "nothing is shared yet";
  const TestDeque::Claim claim = deque.Ask(7);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(deque.Ask(8)) << "one claim at a time";
  EXPECT_EQ(deque.Steal().attempt, Attempt::kLost) << "somebody is at it";
  EXPECT_EQ(deque.Pop(), &items[3]) << "the owner answers and goes on";
  EXPECT_FALSE(deque.Asking(claim));
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_EQ(deque.Steal().task, &items[1]) << "the older half, rounded up";
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty);
  EXPECT_EQ(deque.Pop(), &items[2]);
  EXPECT_FALSE(deque.Ask(7)) << "there is nothing to ask for";
}

TEST(DequeTest, AnOwnerThatOnlyPushesIsGenerousUntilItPops) {
  std::vector<Item> items = Items(5);
  TestDeque deque(8);
  Push(deque, &items[0]);
  deque.Offer();
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty) << "nobody has asked";
  const TestDeque::Claim claim = deque.Ask(0);
  ASSERT_TRUE(claim);
  Push(deque, &items[1]);
  deque.Offer();
  EXPECT_FALSE(deque.Asking(claim));
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_EQ(deque.Steal().task, &items[1]);
  Push(deque, &items[2]);
  deque.Offer();
  EXPECT_EQ(deque.Steal().task, &items[2]) << "without being asked again";
  Push(deque, &items[3]);
  deque.Offer();
  EXPECT_EQ(deque.Pop(), &items[3]) << "nobody wanted it";
  Push(deque, &items[4]);
  deque.Offer();
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty);
  deque.Offer(/*urgent=*/true);
  EXPECT_EQ(deque.Steal().task, &items[4]);
}

TEST(DequeTest, AGenerousOwnerOffersInStepsOfAnEighthOfWhatThereIs) {
  std::vector<Item> items = Items(64);
  TestDeque deque(64);
  int pushed = 0;
  const auto push = [&] {
    Push(deque, &items[pushed++]);
    deque.Offer();
  };
  for (int i = 0; i < 15; ++i) push();
  ASSERT_TRUE(deque.Ask(0));
  for (int i = 0; i < 4; ++i) push();  // the 16th shares all, then the 18th does, then the 20th
  int stolen = 0;
  while (deque.Steal().attempt == Attempt::kTaken) ++stolen;
  EXPECT_EQ(stolen, 18);
  ASSERT_TRUE(deque.Ask(0)) << "one may ask for the rest";
  push();
  EXPECT_EQ(deque.Steal().task, &items[18]);
  EXPECT_EQ(deque.Steal().task, &items[19]);
  push();
  EXPECT_EQ(deque.Steal().task, &items[20]) << "of a short deque every push is shared";
}

TEST(DequeTest, AThiefTakesFromAnOwnerWhoDoesNotAnswer) {
  std::vector<Item> items = Items(3);
  TestDeque deque(8);
  for (Item& item : items) Push(deque, &item);
  const TestDeque::Claim claim = deque.Ask(0);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(deque.Asking(claim));
  deque.Settle(claim);
  EXPECT_FALSE(deque.Asking(claim));
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_EQ(deque.Steal().task, &items[1]);
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty);
  EXPECT_EQ(StealFrom(deque).task, &items[2]) << "not even the last one is hidden";
  EXPECT_EQ(deque.Pop(), nullptr);
}

TEST(DequeTest, AnOldClaimIsNotTakenForANewOne) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  for (Item& item : items) Push(deque, &item);
  const TestDeque::Claim old = deque.Ask(1);
  ASSERT_TRUE(old);
  EXPECT_EQ(deque.Pop(), &items[3]);  // answers thief 1, who is slow
  EXPECT_EQ(deque.Steal().task, &items[0]);
  EXPECT_EQ(deque.Steal().task, &items[1]);
  const TestDeque::Claim claim = deque.Ask(2);
  ASSERT_TRUE(claim);
  deque.Settle(old);
  EXPECT_TRUE(deque.Asking(claim)) << "thief 1 passed its fence before thief 2 asked";
  EXPECT_EQ(deque.Pop(), &items[2]);
  EXPECT_EQ(deque.Steal().attempt, Attempt::kEmpty);
}

// The owner of five is stopped with a claim in its hands. Meanwhile the same thief settles that,
// steals what it got, and comes again, and again.
class StoppedOwnerTest : public testing::Test {
 protected:
  using PreemptedDeque = Deque<PreemptedWorld, Item>;

  PreemptedDeque& Filled() {
    for (Item& item : items_) Push(deque_, &item);
    return deque_;
  }

  std::vector<Item> items_ = Items(5);
  PreemptedDeque deque_{8};
  PreemptedDeque::Claim claim_ = Filled().Ask(1);
};

TEST_F(StoppedOwnerTest, AnswersNoLaterClaim) {
  ASSERT_TRUE(claim_);
  PreemptedWorld::BeforeNextSwap([&] {
    deque_.Settle(claim_);
    EXPECT_EQ(deque_.Steal().task, &items_[0]);
    EXPECT_EQ(deque_.Steal().task, &items_[1]);
    claim_ = deque_.Ask(1);
    deque_.Settle(claim_);
    EXPECT_EQ(deque_.Steal().task, &items_[2]);
    claim_ = deque_.Ask(1);
    EXPECT_TRUE(claim_);
  });
  EXPECT_EQ(deque_.Pop(), &items_[4]);
  EXPECT_EQ(deque_.Pop(), &items_[3]);
  EXPECT_EQ(deque_.Pop(), nullptr) << "the others are stolen";
  EXPECT_FALSE(deque_.Asking(claim_));
}

TEST_F(StoppedOwnerTest, OffersNothingThatIsStolenWhenItWantsItsOldest) {
  ASSERT_TRUE(claim_);
  PreemptedWorld::BeforeNextSwap([&] {
    for (int stolen = 0; stolen < 4;) {
      deque_.Settle(claim_);
      while (deque_.Steal().attempt == Attempt::kTaken) ++stolen;
      claim_ = deque_.Ask(1);
    }
    EXPECT_TRUE(claim_);
  });
  EXPECT_EQ(deque_.PopOldest().attempt, Attempt::kLost);
  EXPECT_EQ(deque_.Pop(), &items_[4]);
  EXPECT_EQ(deque_.Pop(), nullptr) << "the others are stolen";
}

TEST(DequeTest, TheOwnerMayTakeItsOldest) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  EXPECT_EQ(deque.PopOldest().attempt, Attempt::kEmpty);
  for (Item& item : items) Push(deque, &item);
  EXPECT_EQ(deque.PopOldest().task, &items[0]);
  EXPECT_EQ(deque.Pop(), &items[3]);
  EXPECT_EQ(deque.PopOldest().task, &items[1]);
  ASSERT_TRUE(deque.Ask(0));
  EXPECT_EQ(deque.PopOldest().task, &items[2]) << "which answers thief 0: there is no more";
  EXPECT_EQ(deque.PopOldest().attempt, Attempt::kEmpty);
  EXPECT_EQ(deque.Pop(), nullptr);
}

TEST(DequeTest, WhatWasSharedIsTakenBackOneByOne) {
  std::vector<Item> items = Items(4);
  TestDeque deque(8);
  for (Item& item : items) Push(deque, &item);
  const TestDeque::Claim claim = deque.Ask(0);
  ASSERT_TRUE(claim);
  deque.Settle(claim);
  EXPECT_EQ(deque.Pop(), &items[3]);
  EXPECT_EQ(deque.Pop(), &items[2]);
  EXPECT_EQ(deque.Pop(), &items[1]) << "this one was shared";
  EXPECT_EQ(deque.Steal().task, &items[0]) << "and this one still is";
  EXPECT_EQ(deque.Pop(), nullptr);
}

TEST(DequeTest, TheNewestIsPoppedOnlyIfItIsTheOneMeant) {
  std::vector<Item> items = Items(2);
  TestDeque deque(8);
  const int64_t first = deque.NextIndex();
  Push(deque, &items[0]);
  Push(deque, &items[1]);
  EXPECT_FALSE(deque.PopNewest(first)) << "another one is on top of it";
  EXPECT_EQ(deque.Pop(), &items[1]);
  ASSERT_TRUE(deque.Ask(0));
  EXPECT_FALSE(deque.PopNewest(first)) << "a thief asks: Pop() answers";
  EXPECT_EQ(deque.Pop(first), &items[0]);
  Push(deque, &items[0]);
  EXPECT_TRUE(deque.PopNewest(first));
  EXPECT_EQ(deque.PoppedNewest(), 1u);
  EXPECT_EQ(deque.Depth(), 0);
}

TEST(DequeTest, AClosedDequeTakesNothingUntilItIsOpened) {
  Item item;
  TestDeque deque(2);
  deque.Close();
  EXPECT_FALSE(deque.TryPush(&item));
  EXPECT_TRUE(deque.Open());
  EXPECT_TRUE(deque.TryPush(&item));
}

// kDrains: it pushes until the deque is full, then pops until it is empty.
enum class Owner { kOnlyPushes, kPopsSome, kDrains };

// Everything pushed comes out exactly once, however many thieves there are.
template <class W = RealWorld>
void Race(int thieves, int count, uint32_t capacity, Owner owner) {
  std::vector<Item> items = Items(count);
  Deque<W, Item> deque(capacity);
  std::vector<std::atomic<int>> taken(count);
  std::atomic<int> left{count};
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < thieves; ++t) {
    threads.emplace_back([&, t] {
      int last = -1;
      while (left.load() > 0) {
        // Some are patient for a while, some not at all.
        int patience = 100 * t;
        const Taken<Item> stolen = StealPatiently(deque, 0, t, [&] { return patience-- > 0; });
        if (stolen.attempt == Attempt::kLost) lost.fetch_add(1);
        if (stolen.attempt != Attempt::kTaken) continue;
        EXPECT_GT(stolen.task->number, last) << "one thief sees rising ages";
        last = stolen.task->number;
        taken[stolen.task->number].fetch_add(1);
        left.fetch_sub(1);
      }
    });
  }
  const auto pop = [&] {
    Item* const item = deque.Pop();
    if (item == nullptr) return false;
    taken[item->number].fetch_add(1);
    left.fetch_sub(1);
    return true;
  };
  for (int next = 0; next < count;) {
    if (deque.Open()) {
      Push(deque, &items[next++]);
    } else {
      while (owner == Owner::kDrains && pop()) {
      }
    }
    if (owner == Owner::kPopsSome && next % 3 == 0) pop();
  }
  while (owner != Owner::kOnlyPushes && left.load() > 0) pop();
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < count; ++i) ASSERT_EQ(taken[i].load(), 1) << "item " << i;
}

TEST(DequeTest, Spsc) { Race(1, 50'000, 64, Owner::kOnlyPushes); }
TEST(DequeTest, Stampede) { Race(4, 30'000, 1024, Owner::kOnlyPushes); }
TEST(DequeTest, Stress) { Race(3, 10'000, 16, Owner::kPopsSome); }
TEST(DequeTest, TheLastElementIsTakenOnce) { Race(2, 5'000, 2, Owner::kPopsSome); }
TEST(DequeTest, WhoIsStoppedTakesNothingTwice) {
  Race<PreemptedWorld>(2, 1'000'000, 16, Owner::kDrains);
}

TEST(DequeTest, NoStarvation) {
  // While the owner pushes and pops, each of the thieves gets something in the end.
  Item item;
  TestDeque deque(64);
  constexpr int kThieves = 3;
  std::atomic<int> fed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThieves; ++t) {
    threads.emplace_back([&, t] {
      while (StealFrom(deque, 0, t).attempt != Attempt::kTaken) {
      }
      fed.fetch_add(1);
    });
  }
  for (uint32_t i = 0; fed.load() < kThieves; ++i) {
    if (deque.Open()) Push(deque, &item);
    if (i % 4 == 0) (void)deque.Pop();
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(DequeTest, OwnsNothing) {
  // What is left inside is the caller's: a deque that is destroyed full frees no task.
  auto item = std::make_unique<Item>();
  {
    TestDeque deque(2);
    Push(deque, item.get());
  }
  item->number = 1;
}

}  // namespace
}  // namespace tally
