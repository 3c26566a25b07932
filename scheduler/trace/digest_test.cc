#include "scheduler/trace/digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

LaneHasher HashOf(const std::vector<Event>& events) {
  LaneHasher hasher;
  for (const Event& event : events) hasher.Add(event);
  return hasher;
}

const Event kSpawn = {.time = 10, .task = 1, .arg = 2, .aux = 3, .peer = 4, .detail = 5};

TEST(DigestTest, TheFingerprintIgnoresTimeAndTimeline) {
  Event later = kSpawn;
  later.time += 1000;
  Event depth = kSpawn;
  depth.kind = EventKind::kDepth;
  EXPECT_EQ(HashOf({kSpawn}).decisions_hash(), HashOf({depth, later, depth}).decisions_hash());
  EXPECT_NE(HashOf({kSpawn}).digest(), HashOf({later}).digest());
  EXPECT_NE(HashOf({kSpawn}).digest(), HashOf({kSpawn, depth}).digest());
}

TEST(DigestTest, EveryOtherFieldCounts) {
  std::vector<Event> changed(6, kSpawn);
  changed[0].task ^= 1;
  changed[1].arg ^= uint64_t{1} << 63;
  changed[2].aux ^= 1u << 31;
  changed[3].peer = -1;
  changed[4].kind = EventKind::kBegin;
  changed[5].detail ^= 0x80;
  for (const Event& event : changed) {
    EXPECT_NE(HashOf({event}).decisions_hash(), HashOf({kSpawn}).decisions_hash());
    EXPECT_NE(HashOf({event}).digest(), HashOf({kSpawn}).digest());
  }
}

TEST(DigestTest, OrderCounts) {
  Event other = kSpawn;
  other.task = 9;
  EXPECT_NE(HashOf({kSpawn, other}).decisions_hash(), HashOf({other, kSpawn}).decisions_hash());
  EXPECT_NE(CombineLanes({1, 2}, 0), CombineLanes({2, 1}, 0));
  EXPECT_NE(CombineLanes({1}, 0), CombineLanes({1, 0}, 0));
}

// On any compiler, optimisation level and machine. Whoever changes these numbers changes every
// fingerprint that was ever written down.
TEST(DigestTest, GoldenValues) {
  std::vector<Event> events;
  for (uint64_t i = 0; i < 100; ++i) events.push_back(SampleEvent(i));
  EXPECT_EQ(FingerprintText(CombineLanes({HashOf(events).decisions_hash()}, 0)),
            "d03f63bfd010d35d");
  EXPECT_EQ(FingerprintText(HashOf(events).digest()), "eb50b361e903d461");
  EXPECT_EQ(FingerprintText(0xAB), "00000000000000ab");
}

}  // namespace
}  // namespace tally
