// One lane's events on their way from ring to chunks: numbered, hashed, encoded.
//
// Decisions and timeline are two logs, and each chunk decodes alone, yet a reader wants one
// sequence. So every event has a number, and the two logs are always cut at the same event: a
// stretch of events becomes at most two chunks, and whoever has both has every event in between.
#pragma once

#include <cstdint>
#include <string>

#include "scheduler/trace/chunk.h"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/event_codec.h"

namespace tally {

class LaneLog {
 public:
  // `encode` false: events are only hashed.
  LaneLog(uint16_t lane, bool encode) : lane_(lane), encode_(encode) {}

  // The time is within +-kTimeMax.
  void Add(const Event& event);
  // `total`: how many timeline events this lane has dropped since it began.
  void SetDropped(uint64_t total) { dropped_ = total; }

  // A chunk has its size: take it before adding more.
  bool full() const;
  // Zero, one or two whole chunks: everything since the last call.
  std::string TakeChunks();

  const LaneHasher& hasher() const { return hasher_; }
  uint64_t dropped() const { return dropped_; }
  uint64_t chunks() const { return sequence_; }

 private:
  std::string TakeChunk(EventEncoder& encoder, ChunkKind kind, bool stretch_continues);

  const uint16_t lane_;
  const bool encode_;
  LaneHasher hasher_;
  EventEncoder decisions_, timeline_;
  uint64_t number_ = 0;
  uint64_t dropped_ = 0;
  uint64_t dropped_told_ = 0;
  uint32_t sequence_ = 0;
};

}  // namespace tally
