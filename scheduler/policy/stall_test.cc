#include "scheduler/policy/stall.h"

#include <vector>

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr StallFacts kAsleepOverWork{
    .queued = 1, .workers = 4, .asleep = 3, .waiting = 1, .progress = 7};

// How many stalls somebody who looks at these facts in turn reports.
int Told(const std::vector<StallFacts>& looks) {
  StallJudge judge;
  int told = 0;
  for (const StallFacts& facts : looks) told += judge.IsStalled(facts);
  return told;
}

TEST(StallTest, TwoLooksAtSleepersOverWorkAreAStallAndItIsToldOnce) {
  EXPECT_EQ(Told({kAsleepOverWork}), 0);
  EXPECT_EQ(Told({kAsleepOverWork, kAsleepOverWork}), 1);
  EXPECT_EQ(Told({kAsleepOverWork, kAsleepOverWork, kAsleepOverWork, kAsleepOverWork}), 1);
}

TEST(StallTest, WhatMovesOrHasNothingToDoIsNoStall) {
  StallFacts moved = kAsleepOverWork;
  moved.progress = 8;
  StallFacts one_awake = kAsleepOverWork;
  one_awake.asleep = 2;
  StallFacts nothing_queued = kAsleepOverWork;
  nothing_queued.queued = 0;
  EXPECT_EQ(Told({kAsleepOverWork, moved}), 0);
  EXPECT_EQ(Told({one_awake, one_awake, one_awake}), 0);
  EXPECT_EQ(Told({nothing_queued, nothing_queued}), 0);
  EXPECT_EQ(Told({kAsleepOverWork, one_awake, kAsleepOverWork}), 0);
}

TEST(StallTest, ASecondStallIsToldToo) {
  StallFacts later = kAsleepOverWork;
  later.progress = 9;
  EXPECT_EQ(Told({kAsleepOverWork, kAsleepOverWork, later, later, later}), 2);
}

}  // namespace
}  // namespace tally
