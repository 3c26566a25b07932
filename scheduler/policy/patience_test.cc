#include "scheduler/policy/patience.h"

#include <vector>

#include "gtest/gtest.h"

namespace tally {
namespace {

Nanos After(const std::vector<Nanos>& wakes) {
  WakeLatency latency;
  for (const Nanos wake : wakes) latency.Saw(wake);
  return latency.estimate();
}

TEST(PatienceTest, TheFirstWakeReplacesTheGuessAndOthersMoveItBySmallSteps) {
  struct Row {
    std::vector<Nanos> wakes;
    Nanos estimate;
  };
  const Row kRows[] = {
      {{}, WakeLatency::kGuess},
      {{12'000}, 12'000},
      {{16'000, 16'500}, 16'500},     // nearer than a step: all the way
      {{16'000, 1'000'000}, 17'000},  // further: a sixteenth
      {{16'000, 2'000}, 15'000},
      {{5}, WakeLatency::kLeast},
      {{Nanos{1} << 60}, WakeLatency::kMost},
      {{-300}, WakeLatency::kLeast},  // two CPUs' clocks may differ by a little
  };
  for (const Row& row : kRows) EXPECT_EQ(After(row.wakes), row.estimate) << row.wakes.size();
}

TEST(PatienceTest, TheEstimateFollowsTheMedianNotTheMean) {
  WakeLatency latency;
  for (int i = 0; i < 1000; ++i) latency.Saw(i % 4 == 0 ? 5'000'000 : 8'000 + i % 7);
  EXPECT_GE(latency.estimate(), 7'000);
  EXPECT_LE(latency.estimate(), 9'500);
}

TEST(PatienceTest, AMachineThatBecomesSlowIsFollowedWithinFortyWakes) {
  WakeLatency latency;
  latency.Saw(5'000);
  int wakes = 0;
  while (latency.estimate() < 40'000 && wakes < 1000) {
    latency.Saw(40'000);
    ++wakes;
  }
  EXPECT_LE(wakes, 40);
}

TEST(PatienceTest, OnlyWakesOfWhoHasFallenAsleepCount) {
  WakeLatency latency;
  latency.Woke(100'000, 90'000, 120'000);   // a wake of the sleep before
  latency.Woke(100'000, 101'000, 102'000);  // was still on its way into the kernel
  EXPECT_EQ(latency.estimate(), WakeLatency::kGuess);
  latency.Woke(100'000, 200'000, 211'000);
  EXPECT_EQ(latency.estimate(), 11'000);
}

TEST(PatienceTest, SpinningIsBoundedByTwiceTheWakeAndGraceComesFirst) {
  EXPECT_EQ(SearchNanos(7'000), 14'000);
  EXPECT_LE(SearchNanos(WakeLatency::kMost), 100'000);
  for (const Nanos wake : {WakeLatency::kLeast, Nanos{7'000}, WakeLatency::kMost}) {
    EXPECT_LT(GraceNanos(wake), SearchNanos(wake));
  }
}

}  // namespace
}  // namespace tally
