#include "scheduler/trace/lane_log.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

std::vector<ChunkHeader> HeadersIn(const std::string& chunks) {
  std::vector<ChunkHeader> headers;
  for (std::string_view rest = chunks; !rest.empty();) {
    headers.push_back(*ParseChunkHeader(rest));
    rest.remove_prefix(kChunkHeaderBytes + headers.back().payload_bytes);
  }
  return headers;
}

TEST(LaneLogTest, CutsBothLogsAtTheSameEvent) {
  LaneLog log(3, /*encode=*/true);
  for (uint64_t i = 0; i < 20; ++i) log.Add(SampleEvent(i));
  const auto headers = HeadersIn(log.TakeChunks());
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].kind, ChunkKind::kDecisions);
  EXPECT_EQ(headers[0].flags, kStretchContinues);
  EXPECT_EQ(headers[1].kind, ChunkKind::kTimeline);
  EXPECT_EQ(headers[1].flags, 0);
  EXPECT_EQ(headers[0].events + headers[1].events, 20u);
  EXPECT_EQ(headers[0].sequence, 0u);
  EXPECT_EQ(headers[1].sequence, 1u);
  EXPECT_EQ(log.chunks(), 2u);
  EXPECT_EQ(log.TakeChunks(), "");
}

TEST(LaneLogTest, OneClassAloneIsOneChunk) {
  LaneLog log(0, /*encode=*/true);
  log.Add({.time = 1, .kind = EventKind::kPark});
  const auto headers = HeadersIn(log.TakeChunks());
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0].flags, 0);
}

TEST(LaneLogTest, DropsAreToldOnce) {
  LaneLog log(0, /*encode=*/true);
  log.SetDropped(5);
  log.Add({.time = 1, .kind = EventKind::kPark});
  EXPECT_EQ(HeadersIn(log.TakeChunks())[0].dropped, 5u);
  log.SetDropped(7);
  log.Add({.time = 2, .kind = EventKind::kUnpark});
  EXPECT_EQ(HeadersIn(log.TakeChunks())[0].dropped, 2u);
  EXPECT_EQ(log.dropped(), 7u);
}

TEST(LaneLogTest, NoChunkExceedsItsSize) {
  LaneLog log(0, /*encode=*/true);
  size_t largest = 0;
  for (uint64_t i = 0; i < 50'000; ++i) {
    log.Add(SampleEvent(i * 0x9E3779B97F4A7C15u >> 8));
    if (!log.full()) continue;
    for (const ChunkHeader& header : HeadersIn(log.TakeChunks())) {
      largest = std::max(largest, kChunkHeaderBytes + header.payload_bytes);
    }
  }
  EXPECT_GT(largest, kPayloadBytesGoal);
  EXPECT_LE(largest, kEventChunkBytesMax);
}

TEST(LaneLogTest, WithoutSinksItOnlyHashes) {
  LaneLog hashed(0, /*encode=*/false);
  LaneLog encoded(0, /*encode=*/true);
  for (uint64_t i = 0; i < 50'000; ++i) {
    hashed.Add(SampleEvent(i));
    encoded.Add(SampleEvent(i));
    if (encoded.full()) encoded.TakeChunks();
  }
  EXPECT_FALSE(hashed.full());
  EXPECT_EQ(hashed.TakeChunks(), "");
  EXPECT_EQ(hashed.hasher().digest(), encoded.hasher().digest());
}

}  // namespace
}  // namespace tally
