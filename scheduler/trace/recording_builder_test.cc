// A reader of files that may be cut, damaged or hostile.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scheduler/trace/chunk.h"
#include "scheduler/trace/header_json.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_writer.h"
#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

struct Result {
  absl::Status status;
  Recording recording;
};

Result Read(std::string_view bytes) {
  RecordingBuilder builder;
  if (absl::Status status = builder.Append(bytes); !status.ok()) return {status, {}};
  const absl::Status status = builder.Finish();
  return {status, builder.Take()};
}

// Header, names, both logs of three lanes, seal.
std::string SmallFile() { return WriteRecording(SampleRecording(2, 30)); }

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Below(uint64_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % bound;
  }

 private:
  uint64_t state_;
};

// Every lane is a piece of the original, in order: nothing is invented.
void ExpectPartOf(const Recording& part, const Recording& whole) {
  ASSERT_EQ(part.lanes.size(), whole.lanes.size());
  for (size_t lane = 0; lane < part.lanes.size(); ++lane) {
    auto at = whole.lanes[lane].begin();
    for (const Event& event : part.lanes[lane]) {
      at = std::find(at, whole.lanes[lane].end(), event);
      ASSERT_NE(at, whole.lanes[lane].end()) << "an event that was never written";
      ++at;
    }
  }
}

TEST(RecordingBuilderTest, TheLastSparesAreLeftOutIfTheyNeverServed) {
  Recording sample = SampleRecording(6, 30);
  sample.header.spares = 4;
  sample.lanes[2].clear();
  sample.lanes[4].clear();
  sample.lanes[5].clear();
  const Recording read = Read(WriteRecording(sample)).recording;
  EXPECT_EQ(read.header.workers.size(), 4u);
  EXPECT_EQ(read.header.spares, 2u) << "the first one comes before one that has served";
  ASSERT_EQ(read.lanes.size(), 5u);
  ASSERT_EQ(read.lane_digests.size(), 5u);
  EXPECT_EQ(read.lanes[3], sample.lanes[3]);
  EXPECT_EQ(read.lanes[4], sample.lanes[6]) << "the outside";
  for (size_t lane = 0; lane < read.lanes.size(); ++lane) {
    EXPECT_EQ(LaneDigest(read.lanes[lane]), read.lane_digests[lane]) << lane;
  }
  EXPECT_EQ(Fingerprint(read), read.seal.fingerprint);
  EXPECT_EQ(Fingerprint(sample), read.seal.fingerprint);
  // Workers stay, whatever they did.
  sample.header.spares = 0;
  EXPECT_EQ(Read(WriteRecording(sample)).recording.header.workers.size(), 6u);
}

TEST(RecordingBuilderTest, TakesAnyPieces) {
  const std::string bytes = SmallFile();
  const Recording whole = Read(bytes).recording;
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}}) {
    RecordingBuilder builder;
    for (size_t i = 0; i < bytes.size(); i += piece) {
      ASSERT_TRUE(builder.Append(std::string_view(bytes).substr(i, piece)).ok());
    }
    ASSERT_TRUE(builder.Finish().ok());
    EXPECT_EQ(builder.recording().lanes, whole.lanes);
    EXPECT_TRUE(builder.recording().loss.sealed);
  }
}

// Live views remember how far they have read.
TEST(RecordingBuilderTest, LanesGrowOnlyAtTheirEnds) {
  const std::string bytes = SmallFile();
  RecordingBuilder builder;
  std::vector<std::vector<Event>> seen;
  for (const char byte : bytes) {
    ASSERT_TRUE(builder.Append({&byte, 1}).ok());
    const auto& lanes = builder.recording().lanes;
    for (size_t lane = 0; lane < seen.size(); ++lane) {
      ASSERT_TRUE(std::equal(seen[lane].begin(), seen[lane].end(), lanes[lane].begin()));
    }
    seen = lanes;
  }
}

TEST(RecordingBuilderTest, CutAnywhereWholeChunksAreReadAndTheLossIsSaid) {
  const std::string bytes = SmallFile();
  const Recording whole = Read(bytes).recording;
  size_t events_before = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto [status, recording] = Read(std::string_view(bytes).substr(0, size));
    if (!status.ok()) {
      EXPECT_EQ(events_before, 0u);
      continue;
    }
    EXPECT_FALSE(recording.loss.sealed);
    EXPECT_NE(recording.loss.InWords(), "");
    ExpectPartOf(recording, whole);
    size_t events = 0;
    for (const auto& lane : recording.lanes) events += lane.size();
    EXPECT_GE(events, events_before) << "a longer file gives no less";
    events_before = events;
  }
  EXPECT_EQ(events_before, 90u) << "only the seal was missing in the end";
}

TEST(RecordingBuilderTest, AnyFlippedBitIsNoticed) {
  const std::string bytes = SmallFile();
  const Recording whole = Read(bytes).recording;
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const auto [status, recording] = Read(changed);
    if (!status.ok()) continue;
    EXPECT_TRUE(recording.loss.any()) << "bit " << bit;
    ExpectPartOf(recording, whole);
  }
}

TEST(RecordingBuilderTest, SplicedFilesNeverCrashOrInvent) {
  const std::string bytes = SmallFile();
  const Recording whole = Read(bytes).recording;
  Random random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string spliced = bytes.substr(0, random.Below(bytes.size()));
    for (uint64_t pieces = random.Below(4); pieces > 0; --pieces) {
      spliced += bytes.substr(random.Below(bytes.size()), random.Below(400));
    }
    const auto [status, recording] = Read(spliced);
    if (status.ok()) ExpectPartOf(recording, whole);
  }
}

// The checksums hold, so the decoders behind them see the garbage.
TEST(RecordingBuilderTest, GarbageWithGoodChecksumsNeverCrashes) {
  const std::string start =
      FileStart() + EncodeChunk({.kind = ChunkKind::kHeader}, HeaderToJson(SampleHeader(2)));
  Random random(2);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload;
    for (uint64_t size = random.Below(60); size > 0; --size) {
      payload.push_back(
          static_cast<char>(random.Below(4) == 0 ? random.Below(256) : random.Below(0x20)));
    }
    ChunkHeader header;
    header.lane = random.Below(5) == 0 ? kFileLane : static_cast<uint16_t>(random.Below(4));
    header.kind = static_cast<ChunkKind>(random.Below(8));
    header.flags = static_cast<uint8_t>(random.Below(3));
    header.events = static_cast<uint32_t>(random.Below(16) == 0 ? UINT32_MAX : random.Below(20));
    header.sequence = static_cast<uint32_t>(random.Below(3));
    header.base_time = static_cast<Nanos>(random.Below(UINT32_MAX) << random.Below(32));
    header.base_event = random.Below(UINT32_MAX) << random.Below(33);
    const auto [status, recording] = Read(start + EncodeChunk(header, payload));
    ASSERT_TRUE(status.ok()) << status;
    for (const auto& lane : recording.lanes) {
      for (const Event& event : lane) ASSERT_LE(std::abs(event.time), kTimeMax);
    }
  }
}

TEST(RecordingBuilderTest, PureGarbageIsRefused) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string garbage;
    for (uint64_t size = random.Below(300); size > 0; --size) {
      garbage.push_back(static_cast<char>(random.Below(256)));
    }
    EXPECT_FALSE(Read(garbage).status.ok());
    EXPECT_FALSE(Read(FileStart() + garbage).status.ok());
  }
}

TEST(RecordingBuilderTest, AMissingChunkIsCounted) {
  const std::string bytes = SmallFile();
  size_t events_chunk = 0;
  // The first event chunk, wherever it is.
  for (size_t at = kFileStartBytes; at < bytes.size();) {
    const auto header = ParseChunkHeader(std::string_view(bytes).substr(at));
    ASSERT_TRUE(header.has_value());
    if (header->kind == ChunkKind::kDecisions) {
      events_chunk = at;
      break;
    }
    at += kChunkHeaderBytes + header->payload_bytes;
  }
  ASSERT_NE(events_chunk, 0u);
  const auto header = ParseChunkHeader(std::string_view(bytes).substr(events_chunk));
  std::string without = bytes;
  without.erase(events_chunk, kChunkHeaderBytes + header->payload_bytes);
  const Recording recording = Read(without).recording;
  EXPECT_EQ(recording.loss.chunks_missing, 1u);
  EXPECT_EQ(recording.loss.bytes_skipped, 0u);
  EXPECT_TRUE(recording.loss.sealed);
}

TEST(RecordingBuilderTest, ChunksMissingAtALanesEndAreSeenByTheSeal) {
  Recording recording = SampleRecording(1, 0);
  recording.lanes[0].push_back({.time = 1, .kind = EventKind::kPark});
  const std::string bytes = WriteRecording(recording);
  const size_t start = bytes.find(kChunkMagic, bytes.find("merge sort"));
  const size_t end = bytes.find(kChunkMagic, start + 1);
  const Recording read = Read(bytes.substr(0, start) + bytes.substr(end)).recording;
  EXPECT_TRUE(read.loss.sealed);
  EXPECT_EQ(read.loss.chunks_missing, 1u);
}

TEST(RecordingBuilderTest, ChunksOfANewerMinorVersionAreSteppedOver) {
  const std::string bytes = SmallFile();
  const size_t first = bytes.find(kChunkMagic);
  const size_t second = bytes.find(kChunkMagic, first + 1);
  std::string newer = bytes;
  newer.insert(second,
               EncodeChunk({.lane = 900, .kind = static_cast<ChunkKind>(77)}, "what is this?"));
  const Recording recording = Read(newer).recording;
  EXPECT_EQ(recording.lanes, Read(bytes).recording.lanes);
}

TEST(RecordingBuilderTest, ANewerMajorVersionIsRefusedInWords) {
  EXPECT_EQ(Read(FileStart(kFormatMajor + 1, 3) + SmallFile()).status.message(),
            "it is in format 2.3 and this program reads up to 1.x; read it with a newer Tally");
  EXPECT_FALSE(Read(FileStart(kFormatMajor, 99)).status.ok());
  const std::string rest = SmallFile().substr(kFileStartBytes);
  EXPECT_TRUE(Read(FileStart(kFormatMajor, 99) + rest).status.ok()) << "a newer minor is fine";
}

TEST(RecordingBuilderTest, AfterAnErrorNothingIsConsumed) {
  RecordingBuilder builder;
  EXPECT_FALSE(builder.Append("this is no recording at all").ok());
  EXPECT_FALSE(builder.Append(SmallFile()).ok());
  EXPECT_FALSE(builder.Finish().ok());
  EXPECT_FALSE(builder.has_header());
}

}  // namespace
}  // namespace tally
