#include "viz/model/format.h"

#include <gtest/gtest.h>

namespace tally::viz {
namespace {

TEST(FormatTest, CountsAreExact) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(FormatTest, CompactCountsHaveAtMostThreeDigits) {
  EXPECT_EQ(FormatCompact(999), "999");
  EXPECT_EQ(FormatCompact(1000), "1.0k");
  EXPECT_EQ(FormatCompact(9949), "9.9k");
  EXPECT_EQ(FormatCompact(999'499), "999k");
  EXPECT_EQ(FormatCompact(999'500), "1.0M");
}

TEST(FormatTest, PercentNeverRoundsSomethingToNothing) {
  EXPECT_EQ(FormatPercent(0), "0 %");
  EXPECT_EQ(FormatPercent(0.001), "<1 %");
  EXPECT_EQ(FormatPercent(0.5), "50 %");
  EXPECT_EQ(FormatPercent(0.999), "99 %");
  EXPECT_EQ(FormatPercent(1), "100 %");
}

TEST(FormatTest, BytesAndDurationsChooseAUnit) {
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatDuration(12), "12 ns");
  EXPECT_EQ(FormatDuration(1'234'567), "1.235 ms");
}

TEST(FormatTest, ATimeHasTheDigitsThatAStepNeeds) {
  EXPECT_EQ(FormatTime(1'500'000, 100'000, 2'000'000), "1.5 ms");
  EXPECT_EQ(FormatTime(1'500'123, 1, 2'000'000), "1.500123 ms");
}

TEST(FormatTest, TicksStandAtRoundSteps) {
  EXPECT_EQ(RoundStep(1000, 10), 100);
  EXPECT_EQ(RoundStep(1500, 10), 200);
  EXPECT_EQ(RoundStep(4000, 10), 500);
  EXPECT_EQ(RoundStep(3, 10), 1);
}

}  // namespace
}  // namespace tally::viz
