#include "sim/metrics/strands.h"

#include <gtest/gtest.h>

#include "sim/replay/replayer.h"
#include "sim/replay/story.h"

namespace tally {
namespace {

// Every event of a Story takes 10 ns.
Strands Follow(const Recording& recording) {
  Strands strands(recording.lanes.size());
  Replayer replayer(recording);
  while (const auto step = replayer.Next()) strands.Add(step->lane, replayer.EventOf(*step));
  EXPECT_EQ(replayer.violation_count(), 0u);
  return strands;
}

TEST(StrandsTest, OneTaskIsAllWorkAndAllSpan) {
  Story story(1);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).After(990).End(1);
  const Strands strands = Follow(story.Sealed());
  EXPECT_EQ(strands.work_ns(), 1000u);
  EXPECT_EQ(strands.span_ns(), 1000u);
  EXPECT_EQ(strands.busy_ns(0), 1000u);
}

// 100 before the spawn, then child (300) beside parent (200), then 50 after the wait.
TEST(StrandsTest, SpanIsTheLongestPathThroughSpawnAndJoin) {
  Story story(1);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).After(90).Spawn(2, 9);
  story.After(190).WaitBegin(1, 9).After(500).Begin(2).After(290).End(2).After(700).WaitEnd(1, 9);
  story.After(40).End(1);
  const Strands strands = Follow(story.Sealed());
  EXPECT_EQ(strands.work_ns(), 100u + 200 + 300 + 50) << "waiting is not work";
  EXPECT_EQ(strands.span_ns(), 100u + 300 + 50);
}

TEST(StrandsTest, AChildThatNobodyAwaitsIsBesideItsParent) {
  Story story(1);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).After(90).SpawnInline(2);
  story.Begin(2, Place::kInline).After(390).End(2).After(20).End(1);
  const Strands strands = Follow(story.Sealed());
  EXPECT_EQ(strands.work_ns(), 100u + 10 + 400 + 30)
      << "the nested task's time is not its parent's";
  EXPECT_EQ(strands.span_ns(), 100u + 400);
}

// Invoke: the child's group is named after it, and popping it back is its join.
TEST(StrandsTest, AnInvokeChildThatWasNotStolenIsJoined) {
  Story story(1);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2, 2).After(90);
  story.Begin(2).After(290).End(2).After(40).End(1);
  const Strands strands = Follow(story.Sealed());
  EXPECT_EQ(strands.work_ns(), 10u + 100 + 300 + 50);
  EXPECT_EQ(strands.span_ns(), 10u + 300 + 50);
}

TEST(StrandsTest, TheOutsideJoinsButDoesNoWork) {
  Story story(2);
  story.Outside().SpawnTo(0, 1, 9).WaitBegin(0, 9);
  story.On(0).Take(1, 0).Begin(1, Place::kHand).After(90).End(1);
  story.Outside().After(5000).WaitEnd(0, 9).SpawnTo(0, 2, 9).WaitBegin(0, 9);
  story.On(1).Take(2, 0).Begin(2, Place::kHand).After(190).End(2);
  story.Outside().WaitEnd(0, 9);
  const Strands strands = Follow(story.Sealed());
  EXPECT_EQ(strands.work_ns(), 300u);
  EXPECT_EQ(strands.span_ns(), 300u) << "the second task came after the first";
  EXPECT_EQ(strands.busy_ns(1), 200u);
}

}  // namespace
}  // namespace tally
