#include "scheduler/policy/dispatch.h"

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr LevelMask kCritical = 1, kHigh = 2, kNormal = 4, kLow = 8;

TEST(ChooseNextTest, HighestLevelFirstAndOwnDequeBeforeTheInjector) {
  struct Row {
    LevelMask own, injector;
    NextTask expected;
  };
  const Row rows[] = {
      {0, 0, {Source::kNone, 0}},
      {kNormal, 0, {Source::kOwnDeque, 2}},
      {0, kLow, {Source::kInjector, 3}},
      {kNormal, kNormal, {Source::kOwnDeque, 2}},
      {kLow, kNormal, {Source::kInjector, 2}},
      {kNormal | kCritical, kCritical, {Source::kOwnDeque, 0}},
      {kHigh, kCritical, {Source::kInjector, 0}},
      {kLow | kHigh, kNormal, {Source::kOwnDeque, 1}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ChooseNext(row.own, row.injector), row.expected)
        << "own " << row.own << " injector " << row.injector;
  }
}

TEST(VictimChoiceTest, TheFirstOfTheHighestLevelWins) {
  VictimChoice choice;
  EXPECT_FALSE(choice.Consider(3, 0));
  EXPECT_FALSE(choice.found());
  EXPECT_FALSE(choice.Consider(4, kLow));
  EXPECT_FALSE(choice.Consider(5, kNormal | kLow));
  EXPECT_FALSE(choice.Consider(6, kNormal));
  ASSERT_TRUE(choice.found());
  EXPECT_EQ(choice.seat(), 5u);
  EXPECT_EQ(choice.level(), 2);
  EXPECT_TRUE(choice.Consider(7, kCritical)) << "nothing can be better";
  EXPECT_EQ(choice.seat(), 7u);
}

TEST(StealBatchTest, OneNearHalfFar) {
  EXPECT_EQ(StealBatch(Proximity::kSmt, 100), 1u);
  EXPECT_EQ(StealBatch(Proximity::kL3, 100), 1u);
  EXPECT_EQ(StealBatch(Proximity::kNode, 100), 1u);
  EXPECT_EQ(StealBatch(Proximity::kPackage, 10), 5u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 10), 5u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 1), 1u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 0), 1u) << "the look may be old: one attempt anyway";
  EXPECT_EQ(StealBatch(Proximity::kRemote, 1'000'000), 16u);
}

TEST(InjectorBatchTest, AFairShare) {
  EXPECT_EQ(InjectorBatch(1, 2), 1u);
  EXPECT_EQ(InjectorBatch(40, 2), 10u);
  EXPECT_EQ(InjectorBatch(1'000'000, 2), 16u);
  EXPECT_EQ(InjectorBatch(1'000'000, 1'000'000), 1u);
  EXPECT_EQ(InjectorBatch(100, 0), 16u) << "a node without workers is anybody's";
  EXPECT_EQ(InjectorBatch(-1, 4), 1u) << "a taker was faster than its pusher's count";
}

TEST(WakesForTest, OneIfNobodySearchesThenAsManyAsAreBusy) {
  struct Row {
    IdleFacts facts;
    uint32_t workers;
    int64_t surplus;
    uint32_t most, expected;
    const char* why;
  };
  const Row rows[] = {
      {{.sleeping = 0, .searching = 0}, 8, 5, 2, 0, "nobody sleeps"},
      {{.sleeping = 8, .searching = 0}, 8, 1, 2, 1, "an outside thread finds all asleep"},
      {{.sleeping = 7, .searching = 0}, 8, 1, 2, 1, "one task, one sleeper"},
      {{.sleeping = 7, .searching = 0}, 8, 9, 2, 1, "one busy: one searcher"},
      {{.sleeping = 6, .searching = 1}, 8, 1, 2, 0, "the searcher takes it"},
      {{.sleeping = 6, .searching = 1}, 8, 9, 2, 0, "one busy, one searches: enough"},
      {{.sleeping = 6, .searching = 0}, 8, 9, 2, 2, "two busy: two may search"},
      {{.sleeping = 4, .searching = 1}, 8, 9, 9, 2, "three busy, one searches"},
      {{.sleeping = 4, .searching = 0}, 8, 9, 1, 1, "the caller's limit"},
      {{.sleeping = 4, .searching = 1}, 8, 1, 2, 0, "no task for a second searcher"},
      {{.sleeping = 1, .searching = 0}, 8, 9, 2, 1, "only one sleeps"},
      {{.sleeping = 9, .searching = 0}, 8, 1, 2, 1, "counts may be of two moments"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(WakesFor(row.facts, row.workers, row.surplus, row.most), row.expected) << row.why;
  }
}

TEST(MaySearchTest, AtMostHalfOfTheAwake) {
  EXPECT_TRUE(MaySearch({.sleeping = 0, .searching = 0}, 1));
  EXPECT_TRUE(MaySearch({.sleeping = 0, .searching = 3}, 8));
  EXPECT_FALSE(MaySearch({.sleeping = 0, .searching = 4}, 8));
  EXPECT_FALSE(MaySearch({.sleeping = 6, .searching = 1}, 8));
  EXPECT_TRUE(MaySearch({.sleeping = 8, .searching = 0}, 8)) << "somebody always may";
  EXPECT_TRUE(MaySearch({.sleeping = 9, .searching = 0}, 8)) << "counts may be of two moments";
}

}  // namespace
}  // namespace tally
