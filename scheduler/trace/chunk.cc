#include "scheduler/trace/chunk.h"

#include <boost/endian/buffers.hpp>
#include <cstring>

#include "absl/strings/str_format.h"
#include "numa/check.h"
#include "scheduler/trace/crc32c.h"

namespace tally {
namespace {

using boost::endian::little_int64_buf_t;
using boost::endian::little_uint16_buf_t;
using boost::endian::little_uint32_buf_t;
using boost::endian::little_uint64_buf_t;

struct FileStartLayout {
  char magic[8];
  little_uint16_buf_t major;
  little_uint16_buf_t minor;
  little_uint32_buf_t crc;  // of everything before it
};
static_assert(sizeof(FileStartLayout) == kFileStartBytes);
static_assert(offsetof(FileStartLayout, major) == 8);
static_assert(offsetof(FileStartLayout, minor) == 10);
static_assert(offsetof(FileStartLayout, crc) == 12);
static_assert(kFileMagic.size() == sizeof(FileStartLayout::magic));

struct ChunkLayout {
  char magic[4];
  little_uint16_buf_t lane;
  uint8_t kind;
  uint8_t flags;
  little_uint32_buf_t payload_bytes;
  little_uint32_buf_t events;
  little_uint32_buf_t sequence;
  little_uint32_buf_t dropped;
  little_int64_buf_t base_time;
  little_uint64_buf_t base_event;
  little_uint32_buf_t payload_crc;
  little_uint32_buf_t crc;  // of everything before it
};
static_assert(sizeof(ChunkLayout) == kChunkHeaderBytes);
static_assert(offsetof(ChunkLayout, lane) == 4);
static_assert(offsetof(ChunkLayout, kind) == 6);
static_assert(offsetof(ChunkLayout, flags) == 7);
static_assert(offsetof(ChunkLayout, payload_bytes) == 8);
static_assert(offsetof(ChunkLayout, events) == 12);
static_assert(offsetof(ChunkLayout, sequence) == 16);
static_assert(offsetof(ChunkLayout, dropped) == 20);
static_assert(offsetof(ChunkLayout, base_time) == 24);
static_assert(offsetof(ChunkLayout, base_event) == 32);
static_assert(offsetof(ChunkLayout, payload_crc) == 40);
static_assert(offsetof(ChunkLayout, crc) == 44);
static_assert(kChunkMagic.size() == sizeof(ChunkLayout::magic));
static_assert(kWorkersMax < kFileLane);

template <class Layout>
std::string_view BeforeCrc(const Layout& layout) {
  return {reinterpret_cast<const char*>(&layout), offsetof(Layout, crc)};
}

template <class Layout>
std::string_view AsBytes(const Layout& layout) {
  return {reinterpret_cast<const char*>(&layout), sizeof(layout)};
}

template <class Layout>
Layout FromBytes(std::string_view bytes) {
  TALLY_CHECK(bytes.size() >= sizeof(Layout), "the caller has enough bytes for the layout");
  Layout layout;
  std::memcpy(&layout, bytes.data(), sizeof(layout));
  return layout;
}

}  // namespace

std::string FileStart(uint16_t major, uint16_t minor) {
  FileStartLayout start;
  std::memcpy(start.magic, kFileMagic.data(), kFileMagic.size());
  start.major = major;
  start.minor = minor;
  start.crc = Crc32c(BeforeCrc(start));
  return std::string(AsBytes(start));
}

absl::Status CheckFileStart(std::string_view bytes) {
  const auto start = FromBytes<FileStartLayout>(bytes);
  if (bytes.substr(0, kFileMagic.size()) != kFileMagic) {
    if (bytes.substr(0, 6) == kFileMagic.substr(0, 6)) {
      return absl::InvalidArgumentError(
          "its line ends were changed on the way, as by a transfer in text mode; copy it again as "
          "binary");
    }
    return absl::InvalidArgumentError("it does not start as a recording does");
  }
  if (start.crc.value() != Crc32c(BeforeCrc(start))) {
    return absl::InvalidArgumentError("its first 16 bytes are damaged");
  }
  if (start.major.value() > kFormatMajor) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "it is in format %d.%d and this program reads up to %d.x; read it with a newer Tally",
        start.major.value(), start.minor.value(), kFormatMajor));
  }
  return absl::OkStatus();
}

std::string EncodeChunk(ChunkHeader header, std::string_view payload) {
  TALLY_CHECK(payload.size() <= kPayloadBytesMax, "readers refuse larger chunks");
  ChunkLayout layout;
  std::memcpy(layout.magic, kChunkMagic.data(), kChunkMagic.size());
  layout.lane = header.lane;
  layout.kind = static_cast<uint8_t>(header.kind);
  layout.flags = header.flags;
  layout.payload_bytes = static_cast<uint32_t>(payload.size());
  layout.events = header.events;
  layout.sequence = header.sequence;
  layout.dropped = header.dropped;
  layout.base_time = header.base_time;
  layout.base_event = header.base_event;
  layout.payload_crc = Crc32c(payload);
  layout.crc = Crc32c(BeforeCrc(layout));
  std::string chunk;
  chunk.reserve(sizeof(layout) + payload.size());
  chunk.append(AsBytes(layout));
  chunk.append(payload);
  return chunk;
}

std::optional<ChunkHeader> ParseChunkHeader(std::string_view bytes) {
  const auto layout = FromBytes<ChunkLayout>(bytes);
  if (std::memcmp(layout.magic, kChunkMagic.data(), kChunkMagic.size()) != 0) return std::nullopt;
  if (layout.payload_bytes.value() > kPayloadBytesMax) return std::nullopt;
  if (layout.crc.value() != Crc32c(BeforeCrc(layout))) return std::nullopt;
  return ChunkHeader{.lane = layout.lane.value(),
                     .kind = static_cast<ChunkKind>(layout.kind),
                     .flags = layout.flags,
                     .payload_bytes = layout.payload_bytes.value(),
                     .events = layout.events.value(),
                     .sequence = layout.sequence.value(),
                     .dropped = layout.dropped.value(),
                     .base_time = layout.base_time.value(),
                     .base_event = layout.base_event.value(),
                     .payload_crc = layout.payload_crc.value()};
}

bool PayloadChecksumHolds(const ChunkHeader& header, std::string_view payload) {
  return header.payload_crc == Crc32c(payload);
}

}  // namespace tally
