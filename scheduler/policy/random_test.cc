#include "scheduler/policy/random.h"

#include <array>

#include "gtest/gtest.h"

namespace tally {
namespace {

// The reference sequence of SplitMix64 from seed 1234567 (its authors' published test vector).
TEST(RandomTest, IsSplitMix64) {
  Random random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(RandomTest, BelowStaysBelowAndReachesEverything) {
  Random random(7);
  std::array<int, 5> seen{};
  for (int i = 0; i < 5000; ++i) {
    const uint32_t value = random.Below(5);
    ASSERT_LT(value, 5u);
    ++seen[value];
  }
  for (const int count : seen) EXPECT_GT(count, 850);
  EXPECT_EQ(random.Below(1), 0u);
}

}  // namespace
}  // namespace tally
