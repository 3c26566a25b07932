// The frame of a recording: a fixed start, then self-delimiting chunks.
//
// Conflict: a program may be killed, a disk may fill up, a file may be cut or lie, and still what
// is there must be read. So a chunk says how long it is, whose it is and which one it is, and can
// be decoded without any other chunk (but the header's). Its header has a checksum of its own: a
// length that can be trusted lets a reader step over a damaged payload, so that reading is linear
// in the file's size whatever the file says. The layout is fixed here and tabulated in
// docs/recording-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "scheduler/trace/event.h"

namespace tally {

// As PNG does: the first byte is not ASCII, and CR LF betrays a transfer that changed line ends.
inline constexpr std::string_view kFileMagic = "\xF5TALLY\r\n";
inline constexpr uint16_t kFormatMajor = 1;
inline constexpr uint16_t kFormatMinor = 1;
inline constexpr size_t kFileStartBytes = 16;

inline constexpr std::string_view kChunkMagic = "\xF5TLY";
inline constexpr size_t kChunkHeaderBytes = 48;

inline constexpr uint16_t kFileLane = 0xFFFF;            // chunks that belong to no lane
inline constexpr size_t kWorkersMax = 4096;              // so a lane id fits, the outside's too
inline constexpr size_t kPayloadBytesMax = 1 << 20;      // a reader refuses more
inline constexpr size_t kPayloadBytesGoal = 60 << 10;    // a writer seals an event chunk here ...
inline constexpr size_t kEventChunkBytesMax = 64 << 10;  // ... so that it never exceeds this
inline constexpr size_t kNameBytesMax = 1024;
inline constexpr Nanos kTimeMax = Nanos{1} << 61;  // either sign: differences never overflow

enum class ChunkKind : uint8_t {
  kHeader = 1,     // JSON: RecordingHeader
  kNames = 2,      // {u32 hash, varint length, bytes} ...
  kDecisions = 3,  // events, see event_codec.h
  kTimeline = 4,
  kSeal = 5,  // JSON: RecordingSummary, digests. The last chunk of a recording that finished.
};

// Flag: the lane's next chunk covers the same stretch of events (decisions and timeline of one
// stretch are two chunks).
inline constexpr uint8_t kStretchContinues = 1;

struct ChunkHeader {
  uint16_t lane = kFileLane;
  ChunkKind kind = ChunkKind::kHeader;
  uint8_t flags = 0;
  uint32_t payload_bytes = 0;
  uint32_t events = 0;
  uint32_t sequence = 0;    // 0, 1, 2 ... per lane: a gap is a lost chunk
  uint32_t dropped = 0;     // timeline events not recorded since the lane's previous chunk
  Nanos base_time = 0;      // the first event's time is relative to it
  uint64_t base_event = 0;  // the lane's first event in this chunk has this number or a later one
  uint32_t payload_crc = 0;
};

// The first kFileStartBytes of every recording.
std::string FileStart(uint16_t major = kFormatMajor, uint16_t minor = kFormatMinor);
// InvalidArgument says what is wrong: not a recording, damaged by a text-mode transfer, or of a
// newer major version. `bytes` has at least kFileStartBytes.
absl::Status CheckFileStart(std::string_view bytes);

// Header and payload as they stand in the file; sets payload_bytes and payload_crc.
std::string EncodeChunk(ChunkHeader header, std::string_view payload);

// The header at the front of `bytes` (at least kChunkHeaderBytes); nullopt if magic, length or the
// header's checksum are wrong.
std::optional<ChunkHeader> ParseChunkHeader(std::string_view bytes);
bool PayloadChecksumHolds(const ChunkHeader& header, std::string_view payload);

}  // namespace tally
