#include "scheduler/policy/affinity.h"

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr Nanos kMicro = 1'000, kMilli = 1'000'000;
constexpr Nanos kPatience = 2 * kMilli;

TEST(MayRobSent, Table) {
  const struct {
    const char* intent;
    SentFacts facts;
    bool may;
  } rows[] = {
      {"nothing there", {0, 9 * kMilli, 0}, false},
      {"a count that lags behind its taker", {-1, 9 * kMilli, 0}, false},
      {"just come", {1, 0, 0}, false},
      {"its workers do not come", {1, 2 * kMilli, 0}, true},
      {"short tasks: patience decides", {100, 1999 * kMicro, 10 * kMicro}, false},
      {"short tasks, and nobody serves", {100, 2 * kMilli, 10 * kMicro}, true},
      {"short tasks, but one is coming", {100, 127 * kMilli, 10 * kMicro, true}, false},
      {"who was coming does not come", {100, 128 * kMilli, 10 * kMicro, true}, true},
      {"a backlog for who is coming", {101, 0, 10 * kMilli, true}, true},
      {"long tasks: sixteen paces", {10, 159 * kMilli, 10 * kMilli}, false},
      {"long tasks, and nobody serves", {10, 160 * kMilli, 10 * kMilli}, true},
      {"a backlog of a second", {100, 0, 10 * kMilli}, false},
      {"more than that", {101, 0, 10 * kMilli}, true},
      {"many, but the pace is unknown", {1'000'000, 0, 0}, false},
  };
  for (const auto& row : rows) EXPECT_EQ(MayRobSent(row.facts, kPatience), row.may) << row.intent;
}

TEST(Pace, BeginsWithTheFirstGapAndFollowsSlowly) {
  Nanos pace = PaceAfter(0, 800);
  EXPECT_EQ(pace, 800);
  pace = PaceAfter(pace, 1600);
  EXPECT_EQ(pace, 900);
  for (int i = 0; i < 100; ++i) pace = PaceAfter(pace, 1600);
  EXPECT_NEAR(pace, 1600, 8);
  for (int i = 0; i < 100; ++i) pace = PaceAfter(pace, 0);
  EXPECT_LT(pace, 8);
}

TEST(LookAgain, DoublesUpToSixtyFourTimes) {
  EXPECT_EQ(LookAgainNanos(kPatience, 0), kPatience);
  EXPECT_EQ(LookAgainNanos(kPatience, 3), 8 * kPatience);
  EXPECT_EQ(LookAgainNanos(kPatience, 100), 64 * kPatience);
}

}  // namespace
}  // namespace tally
