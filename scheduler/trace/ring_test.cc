#include "scheduler/trace/ring.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tally {
namespace {

Event Numbered(uint64_t number) { return {.time = 0, .task = number, .arg = ~number}; }

std::vector<uint64_t> DrainAll(EventRing& ring) {
  std::vector<uint64_t> tasks;
  ring.Drain([&](const Event& event) { tasks.push_back(event.task); });
  return tasks;
}

TEST(EventRingTest, GivesWhatItWasGivenInOrder) {
  EventRing ring(4);
  ASSERT_TRUE(ring.TryPush(Numbered(1)));
  ASSERT_TRUE(ring.TryPush(Numbered(2)));
  EXPECT_EQ(DrainAll(ring), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(DrainAll(ring), (std::vector<uint64_t>{}));
}

TEST(EventRingTest, RefusesWhenFullUntilDrained) {
  EventRing ring(4);
  for (uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(ring.TryPush(Numbered(i)));
  EXPECT_FALSE(ring.TryPush(Numbered(4)));
  EXPECT_EQ(DrainAll(ring).size(), 4u);
  EXPECT_TRUE(ring.TryPush(Numbered(4)));
  EXPECT_EQ(DrainAll(ring), (std::vector<uint64_t>{4}));
}

TEST(EventRingTest, WrapsAround) {
  EventRing ring(4);
  for (uint64_t i = 0; i < 100; i += 3) {
    for (uint64_t k = i; k < i + 3; ++k) ASSERT_TRUE(ring.TryPush(Numbered(k)));
    EXPECT_EQ(DrainAll(ring), (std::vector<uint64_t>{i, i + 1, i + 2}));
  }
}

// One pushes, one drains, a small ring: nothing is lost, torn or out of order.
TEST(EventRingTest, StressOneProducerOneConsumer) {
  constexpr uint64_t kEvents = 40'000;
  EventRing ring(8);
  std::thread producer([&] {
    for (uint64_t i = 0; i < kEvents; ++i) {
      while (!ring.TryPush(Numbered(i))) std::this_thread::yield();
    }
  });
  uint64_t next = 0;
  bool torn = false;
  while (next < kEvents) {
    const size_t count = ring.Drain([&](const Event& event) {
      torn = torn || event.task != next || event.arg != ~next;
      ++next;
    });
    if (count == 0) std::this_thread::yield();
  }
  producer.join();
  EXPECT_FALSE(torn);
}

}  // namespace
}  // namespace tally
