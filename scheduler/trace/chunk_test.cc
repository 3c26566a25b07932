#include "scheduler/trace/chunk.h"

#include <gtest/gtest.h>

#include <string>

namespace tally {
namespace {

const ChunkHeader kHeader = {.lane = 513,
                             .kind = ChunkKind::kTimeline,
                             .flags = kStretchContinues,
                             .events = 3,
                             .sequence = 9,
                             .dropped = 70'000,
                             .base_time = -5,
                             .base_event = uint64_t{1} << 40};

TEST(FileStartTest, IsAcceptedByItsReader) {
  EXPECT_EQ(FileStart().size(), kFileStartBytes);
  EXPECT_TRUE(CheckFileStart(FileStart()).ok());
}

TEST(FileStartTest, NamesWhatIsWrong) {
  EXPECT_EQ(CheckFileStart("\x89PNG\r\n\x1a\n        ").message(),
            "it does not start as a recording does");

  std::string damaged = FileStart();
  damaged[10] ^= 1;
  EXPECT_EQ(CheckFileStart(damaged).message(), "its first 16 bytes are damaged");

  // What a transfer in text mode does to CR LF.
  std::string text = FileStart();
  text.erase(6, 1);
  EXPECT_NE(CheckFileStart(text + " ").message().find("text mode"), absl::string_view::npos);
}

TEST(ChunkTest, HeaderReadsBack) {
  const std::string chunk = EncodeChunk(kHeader, "payload");
  ASSERT_EQ(chunk.size(), kChunkHeaderBytes + 7);
  const auto header = ParseChunkHeader(chunk);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->lane, kHeader.lane);
  EXPECT_EQ(header->kind, kHeader.kind);
  EXPECT_EQ(header->flags, kHeader.flags);
  EXPECT_EQ(header->payload_bytes, 7u);
  EXPECT_EQ(header->events, kHeader.events);
  EXPECT_EQ(header->sequence, kHeader.sequence);
  EXPECT_EQ(header->dropped, kHeader.dropped);
  EXPECT_EQ(header->base_time, kHeader.base_time);
  EXPECT_EQ(header->base_event, kHeader.base_event);
  EXPECT_TRUE(PayloadChecksumHolds(*header, "payload"));
  EXPECT_FALSE(PayloadChecksumHolds(*header, "pAyload"));
}

// The bytes on disk, whatever the machine: docs/recording-format.md.
TEST(ChunkTest, IsLittleEndian) {
  const std::string chunk = EncodeChunk(kHeader, "");
  EXPECT_EQ(chunk.substr(0, 4), kChunkMagic);
  EXPECT_EQ(chunk.substr(4, 4), std::string("\x01\x02\x04\x01", 4));
  EXPECT_EQ(chunk.substr(24, 8), "\xfb\xff\xff\xff\xff\xff\xff\xff");
}

TEST(ChunkTest, AnyChangedBitOfTheHeaderIsSeen) {
  const std::string chunk = EncodeChunk(kHeader, "payload");
  for (size_t bit = 0; bit < 8 * kChunkHeaderBytes; ++bit) {
    std::string changed = chunk;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ParseChunkHeader(changed).has_value()) << "bit " << bit;
  }
}

}  // namespace
}  // namespace tally
