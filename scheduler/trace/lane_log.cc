#include "scheduler/trace/lane_log.h"

#include <algorithm>

namespace tally {

void LaneLog::Add(const Event& event) {
  hasher_.Add(event);
  if (encode_) (IsDecision(event.kind) ? decisions_ : timeline_).Add(number_, event);
  ++number_;
}

bool LaneLog::full() const {
  return decisions_.bytes() >= kPayloadBytesGoal || timeline_.bytes() >= kPayloadBytesGoal;
}

std::string LaneLog::TakeChunk(EventEncoder& encoder, ChunkKind kind, bool stretch_continues) {
  const uint64_t news = std::min<uint64_t>(dropped_ - dropped_told_, UINT32_MAX);
  dropped_told_ += news;
  return encoder.TakeChunk({.lane = lane_,
                            .kind = kind,
                            .flags = stretch_continues ? kStretchContinues : uint8_t{0},
                            .sequence = sequence_++,
                            .dropped = static_cast<uint32_t>(news)});
}

std::string LaneLog::TakeChunks() {
  std::string chunks;
  if (!encode_) return chunks;
  if (!decisions_.empty()) {
    chunks = TakeChunk(decisions_, ChunkKind::kDecisions, !timeline_.empty());
  }
  if (!timeline_.empty()) chunks += TakeChunk(timeline_, ChunkKind::kTimeline, false);
  return chunks;
}

}  // namespace tally
