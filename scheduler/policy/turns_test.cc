#include "scheduler/policy/turns.h"

#include <string>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/policy/dispatch.h"

namespace tally {
namespace {

constexpr LevelMask kCritical = 1, kHigh = 2, kNormal = 4, kLow = 8;

// `turns` turns as letters: level c h n l for the newest own task, C H N L for the oldest own one,
// 0 1 2 3 for the injector's.
std::string Serve(Turns& turns, LevelMask own, LevelMask injector, int count, Nanos task = 0) {
  std::string served;
  Nanos now = 0;
  for (int i = 0; i < count; ++i, now += task) {
    const NextTask next = turns.Next(own, injector, now);
    const int level = next.level;
    switch (next.source) {
      case Source::kNone:
        served += '-';
        break;
      case Source::kOwnDeque:
        served += "chnl"[level];
        break;
      case Source::kOwnOldest:
        served += "CHNL"[level];
        break;
      case Source::kInjector:
        served += "0123"[level];
        break;
    }
  }
  return served;
}

TEST(TurnsTest, TheHighestLevelFirstAndOwnBeforeTheInjector) {
  Turns turns;
  EXPECT_EQ(Serve(turns, 0, 0, 3), "---");
  EXPECT_EQ(Serve(turns, kNormal | kLow, kHigh, 3), "111");
  EXPECT_EQ(Serve(turns, kNormal | kLow, kNormal, 3), "nnn");
  EXPECT_EQ(Serve(turns, kCritical, kCritical, 3), "ccc");
}

TEST(TurnsTest, NeitherTheInjectorNorTheOldestOwnTaskOfALevelStarves) {
  Turns turns;
  const std::string served = Serve(turns, kNormal, kNormal, 3 * 61);
  EXPECT_EQ(served,
            std::string(60, 'n') + "2" + std::string(60, 'n') + "N" + std::string(60, 'n') + "2");
  Turns alone;
  EXPECT_EQ(Serve(alone, kNormal, 0, 122), std::string(60, 'n') + "N" + std::string(60, 'n') + "N");
}

TEST(TurnsTest, EveryLowerLevelIsServedOnceInSixtyOneTurns) {
  Turns turns;
  const std::string served = Serve(turns, kCritical | kLow, kHigh | kNormal, 10 * 61);
  for (size_t begin = 0; begin + 64 <= served.size(); ++begin) {
    const std::string window = served.substr(begin, 64);
    EXPECT_NE(window.find('1'), std::string::npos) << window;
    EXPECT_NE(window.find('2'), std::string::npos) << window;
    EXPECT_NE(window.find('L'), std::string::npos) << window;
    int critical = 0;
    for (const char each : window) critical += each == 'c' || each == 'C';
    EXPECT_GE(critical, 58) << window;
  }
}

TEST(TurnsTest, LongTasksPassALevelOverForATimeNotForTurns) {
  Turns turns;
  // Tasks of 30 ms: 100 ms are over before the fifth turn.
  EXPECT_EQ(Serve(turns, kCritical | kLow, 0, 10, 30'000'000), "ccccLccccL");
}

TEST(TurnsTest, ALevelThatIsEmptyDoesNotAge) {
  Turns turns;
  EXPECT_EQ(Serve(turns, kCritical, 0, 50), std::string(50, 'c'));
  EXPECT_EQ(Serve(turns, kCritical | kLow, 0, 10), std::string(10, 'c'));
}

TEST(TurnsTest, ALevelThatIsServedInBetweenDoesNotAge) {
  Turns turns;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Serve(turns, kCritical | kLow, 0, 20).find('L'), std::string::npos) << i;
    EXPECT_EQ(Serve(turns, kLow, 0, 1), "l");
  }
}

TEST(TurnsTest, FarLooksGoThroughTheLevels) {
  Turns turns;
  std::string levels;
  for (uint32_t i = 1; i <= 8 * Turns::kFarEvery; ++i) {
    if (!turns.LooksFar()) continue;
    EXPECT_EQ(i % Turns::kFarEvery, 0u);
    levels += static_cast<char>('0' + turns.FarLevel());
  }
  EXPECT_EQ(levels, "01230123");
}

// Turns from a look in vain to the next.
int TurnsUntilDue(UrgentLook& look, uint64_t hint) {
  look.WasInVain(hint);
  int turns = 1;
  while (!look.Due(hint)) ++turns;
  return turns;
}

TEST(UrgentLookTest, AHintThatLedNowhereIsFollowedAgainWhenItChangesOrAfterAFewTurns) {
  UrgentLook small(8);
  EXPECT_TRUE(small.Due(1));
  EXPECT_EQ(TurnsUntilDue(small, 1), 1);
  UrgentLook large(128);
  EXPECT_TRUE(large.Due(1));
  EXPECT_EQ(TurnsUntilDue(large, 1), 9);
  large.WasInVain(1);
  EXPECT_FALSE(large.Due(1));
  EXPECT_TRUE(large.Due(2));
}

}  // namespace
}  // namespace tally
