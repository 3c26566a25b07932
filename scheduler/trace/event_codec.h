// Events to bytes and back: delta and dictionary coding, self-contained per chunk.
//
// A record is a control byte, the time since the chunk's previous record (varint, modulo 2^64), and
// only those fields that differ from the previous record of the same kind. Task and group ids are
// 64-bit hashes: an id is spelled out the first time a chunk mentions it and then named by how many
// new ids ago that was. docs/recording-format.md has the bits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/trace/chunk.h"
#include "scheduler/trace/event.h"

namespace tally {

// An event and its number in its lane: decisions and timeline are merged back by it.
struct NumberedEvent {
  uint64_t number = 0;
  Event event;
};

namespace internal {

inline constexpr int kKindsPerClass = 16;  // what a control byte's four bits can tell apart

// What both sides remember of the records before; fresh for each chunk.
struct CodecState {
  std::array<Event, kKindsPerClass> last{};  // by kind
  TaskId last_task = 0;                      // of any kind
  Nanos time = 0;
  uint64_t number = 0;  // of the next event, if it follows at once
};

}  // namespace internal

// Grows the payload of one chunk; all events of one class (decisions or timeline).
class EventEncoder {
 public:
  void Add(uint64_t number, const Event& event);
  bool empty() const { return events_ == 0; }
  size_t bytes() const { return payload_.size(); }
  // The chunk's bytes; the encoder is empty afterwards. Lane, kind, flags, sequence and drops come
  // from `header`; events and bases are filled in.
  std::string TakeChunk(ChunkHeader header);

 private:
  // An id and when this chunk first mentioned it. Direct-mapped: a collision only costs bytes.
  struct Seen {
    uint64_t id = 0;
    uint32_t chunk = 0;
    uint32_t index = 0;
  };
  void PutId(uint64_t id);

  internal::CodecState state_;
  std::string payload_;
  std::vector<Seen> seen_;
  uint32_t chunk_ = 0;  // counts chunks, so that seen_ need not be cleared
  uint32_t ids_ = 0;
  uint32_t events_ = 0;
  Nanos base_time_ = 0;
  uint64_t base_event_ = 0;
};

// All events of a decision or timeline chunk in order; nullopt if the payload is not exactly
// header.events well-formed records with rising numbers and times within +-kTimeMax.
std::optional<std::vector<NumberedEvent>> DecodeEvents(const ChunkHeader& header,
                                                       std::string_view payload);

}  // namespace tally
