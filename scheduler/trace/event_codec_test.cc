#include "scheduler/trace/event_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

using Numbered = std::vector<NumberedEvent>;

struct Encoded {
  ChunkHeader header;
  std::string payload;
};

Encoded Encode(EventEncoder& encoder, const Numbered& events, ChunkKind kind) {
  for (const NumberedEvent& event : events) encoder.Add(event.number, event.event);
  const std::string chunk = encoder.TakeChunk({.lane = 0, .kind = kind});
  return {*ParseChunkHeader(chunk), chunk.substr(kChunkHeaderBytes)};
}

void ExpectSame(const Numbered& events, ChunkKind kind) {
  EventEncoder encoder;
  const Encoded encoded = Encode(encoder, events, kind);
  const auto decoded = DecodeEvents(encoded.header, encoded.payload);
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->size(), events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ((*decoded)[i].number, events[i].number);
    EXPECT_EQ((*decoded)[i].event, events[i].event) << "event " << i;
  }
}

Numbered Samples(bool decisions, size_t count) {
  Numbered events;
  for (uint64_t i = 0; events.size() < count; ++i) {
    if (IsDecision(SampleEvent(i).kind) == decisions) events.push_back({i, SampleEvent(i)});
  }
  return events;
}

TEST(EventCodecTest, DecisionsReadBack) { ExpectSame(Samples(true, 5000), ChunkKind::kDecisions); }
TEST(EventCodecTest, TimelineReadsBack) { ExpectSame(Samples(false, 5000), ChunkKind::kTimeline); }

TEST(EventCodecTest, ExtremesReadBack) {
  const Event low = {.time = -kTimeMax,
                     .task = 1,
                     .arg = 0,
                     .aux = 0,
                     .peer = std::numeric_limits<int16_t>::min(),
                     .kind = EventKind::kWake,
                     .detail = 0};
  const Event high = {.time = kTimeMax,
                      .task = UINT64_MAX,
                      .arg = UINT64_MAX,
                      .aux = UINT32_MAX,
                      .peer = std::numeric_limits<int16_t>::max(),
                      .kind = EventKind::kSpawn,
                      .detail = 0xff};
  ExpectSame({{0, low}, {1, high}, {UINT64_MAX - 2, low}, {UINT64_MAX - 1, high}},
             ChunkKind::kDecisions);
}

TEST(EventCodecTest, EveryFieldOfEveryKindReadsBack) {
  for (int kind = 0; kind < 16; ++kind) {
    const auto as_kind = static_cast<EventKind>(kind);
    const Event plain = {.time = 5, .kind = as_kind};
    ExpectSame({{0, plain},
                {1, {.time = 6, .kind = as_kind}},
                {2, {.time = 6, .task = 1u << 28, .kind = as_kind}},
                {3, {.time = 6, .task = 1u << 28, .arg = 1u << 28, .kind = as_kind}},
                {4, {.time = 6, .aux = 1, .kind = as_kind}},
                {5, {.time = 6, .peer = 0, .kind = as_kind}},
                {6, {.time = 6, .kind = as_kind, .detail = 1}},
                {9, plain}},
               ChunkKind::kDecisions);
  }
}

TEST(EventCodecTest, EachChunkDecodesAlone) {
  EventEncoder encoder;
  const Event spawn = {.time = 1000, .task = ~uint64_t{5}, .arg = ~uint64_t{6}, .peer = 3};
  const Encoded first = Encode(encoder, {{7, spawn}}, ChunkKind::kDecisions);
  // Every id and field was mentioned before, but not in this chunk.
  const Encoded second = Encode(encoder, {{8, spawn}}, ChunkKind::kDecisions);
  const auto decoded = DecodeEvents(second.header, second.payload);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->front().event, spawn);
  EXPECT_EQ(first.payload, second.payload);
}

// A fork-join program: spawn, begin and end of a task whose id is a 64-bit hash.
TEST(EventCodecTest, ATaskCostsFewBytes) {
  EventEncoder encoder;
  uint64_t number = 0;
  Nanos time = 0;
  for (int i = 0; i < 1000; ++i) {
    Event event = {.time = time += 150,
                   .task = 0x9E3779B97F4A7C15u * static_cast<uint64_t>(i + 1),
                   .arg = 0xABCDEF0123456789u,
                   .aux = NameHash("fib"),
                   .peer = 0,
                   .kind = EventKind::kSpawn};
    encoder.Add(number++, event);
    event = {
        .time = time += 40, .task = event.task, .aux = NameHash("fib"), .kind = EventKind::kBegin};
    encoder.Add(number++, event);
    event = {.time = time += 900, .task = event.task, .kind = EventKind::kEnd};
    encoder.Add(number++, event);
  }
  EXPECT_LT(encoder.bytes(), 3 * 1000 * 7u);
}

TEST(EventCodecTest, ACountThatTheBytesCannotHoldIsRefused) {
  EventEncoder encoder;
  Encoded encoded = Encode(encoder, Samples(true, 10), ChunkKind::kDecisions);
  encoded.header.events = UINT32_MAX;
  EXPECT_FALSE(DecodeEvents(encoded.header, encoded.payload).has_value());
  encoded.header.events = 9;  // bytes are left over
  EXPECT_FALSE(DecodeEvents(encoded.header, encoded.payload).has_value());
  encoded.header.events = 11;
  EXPECT_FALSE(DecodeEvents(encoded.header, encoded.payload).has_value());
}

TEST(EventCodecTest, ImpossibleRecordsAreRefused) {
  const ChunkHeader header = {.kind = ChunkKind::kDecisions, .events = 1};
  const auto decodes = [&](std::string_view payload) {
    return DecodeEvents(header, payload).has_value();
  };
  EXPECT_TRUE(decodes(std::string_view("\x01\x00", 2)));
  EXPECT_FALSE(decodes(std::string_view("\x41\x00\x01", 3))) << "a reference to no id";
  EXPECT_FALSE(decodes(std::string_view("\x81\x00\x10", 3))) << "an unknown field";
  EXPECT_FALSE(decodes(std::string_view("\x81\x00\x02\xff\xff\xff\xff\x7f", 8))) << "aux > 32 bits";
  EXPECT_FALSE(decodes(std::string_view("\x81\x00\x08\xff\xff\x7f", 6))) << "peer > 16 bits";
  EXPECT_FALSE(decodes(std::string_view("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10)))
      << "a time beyond 2^61";
  EXPECT_FALSE(decodes(std::string_view("\x31\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", 12)))
      << "a number beyond 64 bits";
}

}  // namespace
}  // namespace tally
