#include "sim/timed/ready_queue.h"

#include <deque>
#include <vector>

#include "gtest/gtest.h"

namespace tally::timed {
namespace {

class ReadyQueueTest : public testing::Test {
 protected:
  Fiber* Make(Nanos clock, WorkerId worker = WorkerId()) {
    Fiber& fiber = fibers_.emplace_back();
    fiber.index = static_cast<uint32_t>(fibers_.size() - 1);
    fiber.turn = {clock, Turn::Rank(worker, fiber.index)};
    return &fiber;
  }
  std::deque<Fiber> fibers_;
  ReadyQueue queue_;
};

TEST_F(ReadyQueueTest, TheSmallestClockIsFirst) {
  for (Nanos clock : {5, 3, 9, 1, 7, 2, 8}) queue_.Add(Make(clock));
  std::vector<Nanos> order;
  while (!queue_.empty()) order.push_back(queue_.TakeFirst()->turn.clock);
  EXPECT_EQ(order, (std::vector<Nanos>{1, 2, 3, 5, 7, 8, 9}));
}

TEST_F(ReadyQueueTest, TiesGoToWorkersByIdThenToOthersByCreation) {
  Fiber* outside = Make(4);
  Fiber* worker_2 = Make(4, WorkerId(2));
  Fiber* another = Make(4);
  Fiber* worker_0 = Make(4, WorkerId(0));
  Fiber* again_0 = Make(4, WorkerId(0));  // of a second scheduler
  for (Fiber* fiber : {another, worker_2, again_0, outside, worker_0}) queue_.Add(fiber);
  for (Fiber* expected : {worker_0, again_0, worker_2, outside, another}) {
    EXPECT_EQ(queue_.TakeFirst(), expected);
  }
}

TEST_F(ReadyQueueTest, AnEmptyQueueIsAfterEverybody) {
  EXPECT_TRUE(Make(Nanos{1} << 62)->turn < queue_.FirstTurn());
}

TEST_F(ReadyQueueTest, AFiberCanMoveForward) {
  std::vector<Fiber*> fibers;
  for (Nanos clock = 10; clock < 30; ++clock) queue_.Add(fibers.emplace_back(Make(clock)));
  fibers[17]->turn.clock = 1;
  queue_.MovedForward(fibers[17]);
  EXPECT_EQ(queue_.TakeFirst(), fibers[17]);
  EXPECT_EQ(queue_.TakeFirst(), fibers[0]);
}

TEST_F(ReadyQueueTest, ReplacingTheFirstKeepsTheOrder) {
  // The pattern of a simulation: whoever ran goes back, later than before.
  for (int i = 0; i < 37; ++i) queue_.Add(Make(i % 5));
  Fiber* running = queue_.TakeFirst();
  Nanos last = running->turn.clock;
  for (int i = 0; i < 10'000; ++i) {
    running->turn.clock += 1 + (i * 7919) % 100;
    if (queue_.FirstTurn() < running->turn) running = queue_.ReplaceFirst(running);
    ASSERT_GE(running->turn.clock, last);
    last = running->turn.clock;
  }
}

}  // namespace
}  // namespace tally::timed
