// Who stands in for whom, by tables.

#include "scheduler/policy/stand_ins.h"

#include <bit>
#include <cstdint>

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr uint32_t kNobody = StandIns::kNobody;

bool Rests(const StandIns& state, uint32_t spare) { return (state.resting() >> spare & 1) != 0; }

TEST(StandInsTest, EveryoneRestsAtFirst) {
  for (const uint32_t spares : {0u, 1u, 2u, 47u, 48u}) {
    const StandIns state(spares);
    EXPECT_EQ(state.blocking(), 0u);
    EXPECT_EQ(state.Serving(spares), 0u);
    EXPECT_EQ(state.Alone(spares), 0u);
    EXPECT_EQ(state.TooMany(spares), 0u);
    for (uint32_t spare = 0; spare < spares; ++spare) EXPECT_TRUE(Rests(state, spare));
    EXPECT_EQ(StandIns::Unpack(state.Pack()), state);
  }
}

TEST(StandInsTest, AWorkersOwnSpareComesFirstThenAnyUntilNoneIsLeft) {
  constexpr uint32_t kWorkers = 2, kSpares = 3;
  StandIns state(kSpares);
  EXPECT_EQ(state.Enter(1, kWorkers, kSpares), 1u);
  EXPECT_EQ(state.Enter(0, kWorkers, kSpares), 0u);
  EXPECT_EQ(state.Enter(kWorkers + 1, kWorkers, kSpares), 2u) << "a spare's own task blocks";
  EXPECT_EQ(state.Alone(kSpares), 0u);
  EXPECT_EQ(state.Enter(kWorkers, kWorkers, kSpares), kNobody);
  EXPECT_EQ(state.blocking(), 4u);
  EXPECT_EQ(state.Alone(kSpares), 1u);
  EXPECT_EQ(StandIns::Unpack(state.Pack()), state);
}

TEST(StandInsTest, WhoIsCalledInServesThoughNobodyBlocksUntilSomebodyDoes) {
  constexpr uint32_t kWorkers = 2, kSpares = 5;
  StandIns state(kSpares);
  EXPECT_EQ(StandIns::RestingAt(state.resting(), kNobody, kWorkers, kSpares), kNobody);
  for (const uint32_t expected : {1u, 3u, kNobody}) {
    const uint32_t spare = StandIns::RestingAt(state.resting(), 1, kWorkers, kSpares);
    EXPECT_EQ(spare, expected) << "those of the PU, in turn";
    if (spare != kNobody) state.CallIn(spare);
  }
  EXPECT_EQ(StandIns::RestingAt(state.resting(), 0, kWorkers, kSpares), 0u);
  EXPECT_EQ(state.TooMany(kSpares), 2u);
  EXPECT_EQ(state.Enter(0, kWorkers, kSpares), kNobody) << "one of them stands in";
  EXPECT_EQ(state.TooMany(kSpares), 1u);
  EXPECT_EQ(state.Alone(kSpares), 0u);
}

TEST(StandInsTest, WhetherTooManyServeIsKnownWithoutCounting) {
  constexpr uint32_t kSpares = 3;
  const int blocking_at = std::bit_width(uint64_t{StandIns::kMostHelpers} << StandIns::kMostSpares);
  int any = 0;
  for (uint64_t word = 0; word < 8 * 4 * 4; ++word) {  // resting, helpers, blocking
    const StandIns state = StandIns::Unpack((word & 7) | (word >> 3 & 3) << StandIns::kMostSpares |
                                            (word >> 5) << blocking_at);
    ASSERT_EQ(state.blocking(), word >> 5);
    if (state.helpers() + static_cast<uint32_t>(std::popcount(state.resting())) > kSpares) continue;
    EXPECT_EQ(state.AnyTooMany(kSpares), state.TooMany(kSpares) != 0) << word;
    if (state.AnyTooMany(kSpares)) ++any;
  }
  EXPECT_GT(any, 10);
}

TEST(StandInsTest, WhoServesAlreadyIsEnough) {
  StandIns state(2);
  EXPECT_EQ(state.Enter(0, 1, 2), 0u);
  state.Leave();
  EXPECT_EQ(state.TooMany(2), 1u);
  EXPECT_EQ(state.Enter(0, 1, 2), kNobody) << "the first one has not gone to rest yet";
  EXPECT_EQ(state.TooMany(2), 0u);
  EXPECT_EQ(state.Alone(2), 0u);
  state.Leave();
  state.Rest(0);
  EXPECT_EQ(state, StandIns(2));
}

TEST(StandInsTest, WithoutSparesEveryBlockingTaskIsAlone) {
  StandIns state(0);
  EXPECT_EQ(state.Enter(5, 8, 0), kNobody);
  EXPECT_EQ(state.Enter(6, 8, 0), kNobody);
  EXPECT_EQ(state.Alone(0), 2u);
  state.Leave();
  EXPECT_EQ(state.Alone(0), 1u);
}

TEST(StandInsTest, OutsideThreadsBorrowSparesButStandInForNobody) {
  StandIns state(3);
  EXPECT_EQ(state.Help(0), kNobody);
  EXPECT_EQ(state.Help(2), 2u);
  EXPECT_EQ(state.Help(2), 1u);
  EXPECT_EQ(state.Help(2), kNobody);
  EXPECT_EQ(state.Serving(3), 0u);
  EXPECT_EQ(state.TooMany(3), 0u);
  EXPECT_EQ(StandIns::Unpack(state.Pack()), state);
  EXPECT_EQ(state.Enter(1, 2, 3), 0u) << "its own is borrowed";
  EXPECT_EQ(state.Enter(0, 2, 3), kNobody);
  EXPECT_EQ(state.Alone(3), 1u);
  EXPECT_EQ(StandIns::Unpack(state.Pack()), state);
  state.EndHelp(2);
  EXPECT_TRUE(Rests(state, 2));
  EXPECT_EQ(state.helpers(), 1u);
  EXPECT_EQ(state.blocking(), 2u);
}

TEST(StandInsTest, ASpareCalledInForNoBlockerIsOneTooMany) {
  StandIns state(2);
  state.CallIn(1);
  EXPECT_FALSE(Rests(state, 1));
  EXPECT_TRUE(Rests(state, 0));
  EXPECT_EQ(state.TooMany(2), 1u);
  EXPECT_EQ(state.Enter(0, 1, 2), kNobody) << "it stands in from now on";
  EXPECT_EQ(state.TooMany(2), 0u);
}

TEST(StandInsTest, AThreadForEverySpareAndEveryWorkerMayBlock) {
  constexpr uint32_t kWorkers = 4096, kSpares = StandIns::kMostSpares;
  StandIns state(kSpares);
  for (uint32_t who = 0; who < kWorkers + kSpares; ++who) {
    const uint32_t called = state.Enter(who, kWorkers, kSpares);
    EXPECT_EQ(called == kNobody, who >= kSpares) << who;
    ASSERT_EQ(StandIns::Unpack(state.Pack()), state);
  }
  EXPECT_EQ(state.Alone(kSpares), kWorkers);
}

}  // namespace
}  // namespace tally
