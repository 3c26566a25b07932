#include "sim/cli/summary.h"

#include "gtest/gtest.h"

namespace tally::cli {
namespace {

TEST(SummaryTest, NumbersAreReadable) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(Bytes(1000), "1000 bytes");
  EXPECT_EQ(Bytes(64 << 20), "64.0 MiB");
}

TEST(SummaryTest, BarsAddUp) {
  EXPECT_EQ(Bar(50, 25, 100, 8), "████▒▒··");
  EXPECT_EQ(Bar(100, 0, 100, 4), "████");
  EXPECT_EQ(Bar(0, 0, 100, 4), "····");
  EXPECT_EQ(Bar(0, 0, 0, 4), "····") << "nothing happened";
  EXPECT_EQ(Bar(300, 300, 100, 4), "████") << "never longer than asked";
}

}  // namespace
}  // namespace tally::cli
