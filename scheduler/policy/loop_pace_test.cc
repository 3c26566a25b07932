#include "scheduler/policy/loop_pace.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "numa/ids.h"

namespace tally {
namespace {

// The pace after many iterations of the same length.
int64_t Settled(LoopPace pace, Nanos iteration_ps) {
  for (int i = 0; i < 100; ++i) pace.Took(pace.Next(0) * iteration_ps / 1000, pace.Next(0));
  return pace.Next(0);
}

TEST(LoopPaceTest, LongIterationsComeOneByOne) {
  EXPECT_EQ(LoopPace(1'000'000, 2).Next(0), 1) << "nothing is known yet";
  EXPECT_EQ(Settled(LoopPace(1'000'000, 2), 5'000'000), 1);
  EXPECT_EQ(Settled(LoopPace(1'000'000, 2), 1'000'000), 1);
}

TEST(LoopPaceTest, ShortIterationsComeInChunksOfOneToFourMicroseconds) {
  for (const Nanos iteration_ps : {100, 333, 1'000, 7'000, 90'000, 400'000}) {
    const int64_t chunk = Settled(LoopPace(int64_t{1} << 40, 2), iteration_ps);
    EXPECT_GE(chunk * iteration_ps, 1'000'000) << iteration_ps;
    EXPECT_LE(chunk * iteration_ps, 4'000'000) << iteration_ps;
  }
}

TEST(LoopPaceTest, ItSlowsDownWhenIterationsGetLonger) {
  LoopPace pace(1'000'000'000, 2);
  for (int i = 0; i < 20; ++i) pace.Took(pace.Next(0), pace.Next(0));  // 1 ns each
  EXPECT_GE(pace.Next(0), 1'000);
  for (int i = 0; i < 20; ++i) pace.Took(pace.Next(0) * 1'000, pace.Next(0));
  EXPECT_LE(pace.Next(0), 4);
}

TEST(LoopPaceTest, NoChunkIsMoreThanASixteenthOfAPart) {
  EXPECT_EQ(Settled(LoopPace(3'200, 2), 0), 64);
  EXPECT_EQ(Settled(LoopPace(3'200, 400), 0), 1);
  EXPECT_EQ(Settled(LoopPace(1, 1), 0), 1);
  EXPECT_EQ(Settled(LoopPace(0, 0), 0), 1);
  EXPECT_GT(Settled(LoopPace(UINT64_MAX, 1), 0), int64_t{1} << 30);
}

TEST(LoopPaceTest, ChunksEndAtMultiplesOfThePace) {
  LoopPace pace(1'000'000, 1);
  int64_t first = 0;
  for (const int64_t end : {1, 4, 16, 64, 256}) {
    EXPECT_EQ(first + pace.Next(first), end);
    pace.Took(0, pace.Next(first));
    first = end;
  }
  EXPECT_EQ(pace.Next(1000), 24) << "up to 1024";
}

TEST(LoopPaceTest, APartOfAChunkIsJudgedAsOne) {
  LoopPace pace(1'000'000'000, 1);
  for (int i = 0; i < 8; ++i) pace.Took(1, pace.Next(0));
  const int64_t settled = pace.Next(0);
  pace.Took(settled / 64, settled / 64);  // 1 ns an iteration: a whole one would be long
  EXPECT_LE(pace.Next(0), settled);
}

}  // namespace
}  // namespace tally
