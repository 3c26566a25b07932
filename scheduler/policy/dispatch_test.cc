#include "scheduler/policy/dispatch.h"

#include <array>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/policy/random.h"
#include "scheduler/policy/victims.h"

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

constexpr int kC = 0, kH = 1, kN = 2, kL = 3;  // levels

TEST(VictimChoiceTest, TheHighestLevelWins) {
  VictimChoice choice(kC);
  EXPECT_FALSE(choice.Consider(3, {}));
  EXPECT_FALSE(choice.found());
  EXPECT_FALSE(choice.Consider(4, {kL, 90}));
  EXPECT_FALSE(choice.Consider(5, {kN, 1}));
  EXPECT_FALSE(choice.Consider(6, {kL, 99}));
  ASSERT_TRUE(choice.found());
  EXPECT_EQ(choice.seat(), 5u);
  EXPECT_EQ(choice.level(), kN);
  EXPECT_FALSE(choice.Consider(7, {kC, 1})) << "a second look may find a longer queue";
  EXPECT_TRUE(choice.Consider(8, {kC, 1}));
  EXPECT_EQ(choice.seat(), 7u) << "of equals the first";
}

TEST(VictimChoiceTest, TheLongerQueueOfTheFirstTwoOfTheBestLevel) {
  VictimChoice choice(kN);
  EXPECT_FALSE(choice.Consider(1, {kL, 50}));
  EXPECT_FALSE(choice.Consider(2, {kN, 3}));
  EXPECT_TRUE(choice.Consider(3, {kN, 7}));
  EXPECT_EQ(choice.seat(), 3u);
  VictimChoice lucky(kN);
  EXPECT_FALSE(lucky.Consider(1, {kH, 1}));
  EXPECT_TRUE(lucky.Consider(2, {kN, 9}));
  EXPECT_EQ(lucky.seat(), 1u) << "the level comes before the length";
}

TEST(FirstTierTest, MostlyTheNearestSometimesTheNearestOfAnotherNode) {
  std::vector<Tier> tiers(4);
  tiers[0].proximity = Proximity::kL3;
  tiers[1].proximity = Proximity::kNode;
  tiers[2].proximity = Proximity::kPackage;
  tiers[3].proximity = Proximity::kRemote;
  Random random(1);
  std::array<int, 4> began{};
  for (int i = 0; i < 1000; ++i) ++began[FirstTier(tiers, random)];
  EXPECT_GT(began[0], 650);
  EXPECT_GT(began[2], 150);
  EXPECT_EQ(began[1] + began[3], 0);
  tiers.resize(2);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(FirstTier(tiers, random), 0u) << "one node";
}

TEST(StealBatchTest, OneNearHalfFar) {
  EXPECT_EQ(StealBatch(Proximity::kSmt, 100, false), 1u);
  EXPECT_EQ(StealBatch(Proximity::kL3, 100, false), 1u);
  EXPECT_EQ(StealBatch(Proximity::kNode, 100, false), 1u);
  EXPECT_EQ(StealBatch(Proximity::kPackage, 10, false), 5u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 10, false), 5u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 1, false), 1u);
  EXPECT_EQ(StealBatch(Proximity::kRemote, 0, false), 1u)
      << "the look may be old: one attempt anyway";
  EXPECT_EQ(StealBatch(Proximity::kRemote, 1'000'000, false), 16u);
}

TEST(StealBatchTest, OfAGroupOneUnlessItIsAFlatBatch) {
  for (const Proximity proximity : {Proximity::kSmt, Proximity::kL3, Proximity::kRemote}) {
    EXPECT_EQ(StealBatch(proximity, 0, true), 1u);
    EXPECT_EQ(StealBatch(proximity, 63, true), 1u);
    EXPECT_EQ(StealBatch(proximity, 64, true), 8u);
    EXPECT_EQ(StealBatch(proximity, 400, true), 50u);
    EXPECT_EQ(StealBatch(proximity, 1'000'000, true), kMostStolen);
  }
}

TEST(InjectorBatchTest, AFairShare) {
  EXPECT_EQ(InjectorBatch(1, 2), 1u);
  EXPECT_EQ(InjectorBatch(40, 2), 10u);
  EXPECT_EQ(InjectorBatch(1'000'000, 2), 64u);
  EXPECT_EQ(InjectorBatch(1'000'000, 1'000'000), 1u);
  EXPECT_EQ(InjectorBatch(200, 0), 64u) << "a node without workers is anybody's";
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

TEST(WakesOnNodeTest, OnlyForMoreThanTheAwakeCanTake) {
  EXPECT_FALSE(WakesOnNode(4, 0, 9)) << "nobody sleeps there";
  EXPECT_TRUE(WakesOnNode(4, 4, 1)) << "all of the node sleep";
  EXPECT_FALSE(WakesOnNode(4, 3, 1)) << "the one awake will take it";
  EXPECT_TRUE(WakesOnNode(4, 3, 2));
}

TEST(AllBusyTest, WhoSleepsOrSearchesTakesIt) {
  EXPECT_TRUE(AllBusy({.sleeping = 0, .searching = 0}));
  EXPECT_FALSE(AllBusy({.sleeping = 1, .searching = 0}));
  EXPECT_FALSE(AllBusy({.sleeping = 0, .searching = 1}));
}

TEST(DueAfterCallTest, SoManyAtOnceThenOneAfterTheOther) {
  for (const Nanos start : {Nanos{0}, Nanos{1'000'000'000'000}}) {
    Nanos due = 0, now = start;
    const auto calls = [&] {
      int made = 0;
      for (std::optional<Nanos> after; (after = DueAfterCall(due, now)).has_value(); ++made) {
        due = *after;
      }
      return made;
    };
    EXPECT_EQ(calls(), kCallsAtOnce);
    now += kBetweenCalls - 1;
    EXPECT_EQ(calls(), 0);
    now += 1;
    EXPECT_EQ(calls(), 1);
    now += 5 * kBetweenCalls;
    EXPECT_EQ(calls(), 5);
    now += 1'000'000'000;
    EXPECT_EQ(calls(), kCallsAtOnce) << "no more than that, however long the pause";
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
