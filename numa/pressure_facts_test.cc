#include "numa/pressure_facts.h"

#include <string>

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr Nanos kSecond = 1'000'000'000;

TEST(ParsePressure, ReadsWhatTheKernelWrites) {
  const std::optional<PressureStalls> stalls = ParsePressure(
      "some avg10=12.34 avg60=1.00 avg300=0.00 total=123456\n"
      "full avg10=0.50 avg60=0.00 avg300=0.00 total=789\n");
  ASSERT_TRUE(stalls);
  EXPECT_EQ(stalls->some_us, 123456u);
  EXPECT_EQ(stalls->full_us, 789u);
  EXPECT_DOUBLE_EQ(stalls->some_avg10, 12.34);
  EXPECT_DOUBLE_EQ(stalls->full_avg10, 0.5);
}

TEST(ParsePressure, RefusesWhatIsNotPressure) {
  for (const char* text :
       {"", "some", "some total=", "some total=x", "total=5\n", "none total=5"}) {
    EXPECT_FALSE(ParsePressure(text)) << text;
  }
  EXPECT_TRUE(ParsePressure("some total=0"));
}

TEST(ParseMemoryEvents, ReadsWhatTheKernelWritesAndNothingElse) {
  const std::optional<CgroupMemoryEvents> events =
      ParseMemoryEvents("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n");
  ASSERT_TRUE(events);
  EXPECT_EQ(events->high, 2u);
  EXPECT_EQ(events->max, 3u);
  EXPECT_EQ(events->oom, 4u);
  EXPECT_EQ(events->oom_kill, 5u);
  EXPECT_FALSE(ParseMemoryEvents("populated 1\nfrozen 0\n"));
  EXPECT_FALSE(ParseMemoryEvents("high -\n"));
}

PressureFacts Stalled(Nanos at, uint64_t some_us, uint64_t full_us) {
  return {.at = at,
          .triggered = false,
          .stalls = {PressureStalls{some_us, full_us, 1.5, 0.5}},
          .events = {}};
}

PressureFacts Limited(uint64_t high, uint64_t max, uint64_t oom, uint64_t kill) {
  return {.at = 0,
          .triggered = false,
          .stalls = {},
          .events = CgroupMemoryEvents{high, max, oom, kill}};
}

TEST(JudgePressure, Table) {
  PressureFacts triggered = Stalled(2 * kSecond, 10'000, 0);
  triggered.triggered = true;
  PressureFacts cgroup_worse = Stalled(2 * kSecond, 0, 0);
  cgroup_worse.stalls.push_back(PressureStalls{0, 400'000, 0, 0});
  PressureFacts cgroup_before = Stalled(0, 0, 0);
  cgroup_before.stalls.push_back(PressureStalls{});
  PressureFacts unreadable = Stalled(2 * kSecond, 0, 0);
  unreadable.stalls = {std::nullopt};
  const struct {
    const char* intent;
    PressureFacts before, now;
    PressureLevel level;
    const char* why;
  } rows[] = {
      {"nothing happened", Stalled(0, 5, 5), Stalled(2 * kSecond, 5, 5), PressureLevel::kNone, ""},
      {"a little", Stalled(0, 0, 0), Stalled(2 * kSecond, 100'000, 0), PressureLevel::kNone, ""},
      {"7 % of the time", Stalled(0, 0, 0), Stalled(2 * kSecond, 140'000, 0), PressureLevel::kSome,
       "tasks waited for memory 7.0 % of the time"},
      {"all of them", Stalled(0, 0, 0), Stalled(2 * kSecond, 300'000, 200'000),
       PressureLevel::kHigh, "nothing ran for want of memory 10.0 % of the time"},
      {"the kernel reports", Stalled(0, 0, 0), triggered, PressureLevel::kSome,
       "tasks waited for memory 0.5 % of the time"},
      {"after an hour, the last 10 s count", Stalled(0, 0, 0),
       Stalled(3600 * kSecond, 3'600'000'000, 0), PressureLevel::kNone, ""},
      {"only in the cgroup", cgroup_before, cgroup_worse, PressureLevel::kHigh,
       "nothing ran for want of memory 20.0 % of the time"},
      {"a file that is gone", Stalled(0, 0, 0), unreadable, PressureLevel::kNone, ""},
      {"no change of events", Limited(9, 9, 9, 9), Limited(9, 9, 9, 9), PressureLevel::kNone, ""},
      {"the soft limit", Limited(1, 0, 0, 0), Limited(4, 0, 0, 0), PressureLevel::kSome,
       "the cgroup met its limit memory.high 3 times"},
      {"the hard limit", Limited(0, 1, 0, 0), Limited(5, 2, 0, 0), PressureLevel::kHigh,
       "the cgroup met its limit memory.max once"},
      {"out of memory", Limited(0, 0, 0, 0), Limited(1, 1, 2, 0), PressureLevel::kHigh,
       "the cgroup was out of memory 2 times"},
      {"somebody was killed", Limited(0, 0, 0, 0), Limited(1, 1, 1, 1), PressureLevel::kHigh,
       "the kernel killed 1 of the cgroup's processes for want of memory"},
  };
  for (const auto& row : rows) {
    const PressureVerdict verdict = JudgePressure(row.before, row.now);
    EXPECT_EQ(PressureLevelName(verdict.level), PressureLevelName(row.level)) << row.intent;
    EXPECT_EQ(verdict.why, row.why) << row.intent;
  }
}

}  // namespace
}  // namespace tally
