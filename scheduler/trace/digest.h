// What a run is, in 64 bits: a fingerprint of its decisions, and a digest of everything a lane did.
//
// The fingerprint must be the same for a run, for its recording, for any ring and chunk size and on
// any compiler, so it hashes the decisions of each lane in order and nothing else: no time, seed,
// header or timeline. The lane digests hash every field of every event, so that a recording whose
// checksums were repaired after a change still gives itself away.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/trace/event.h"

namespace tally {

// An order-dependent hash of 64-bit words. Each step is a bijection of the state, so two sequences
// of equal length that differ in one word never collide.
class WordHash {
 public:
  void Add(uint64_t word) {
    state_ = (state_ ^ word) * 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio, odd
    state_ ^= state_ >> 29;
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0x243F6A8885A308D3u;  // digits of pi
};

// One lane's hashes, fed event by event as they are drained.
class LaneHasher {
 public:
  void Add(const Event& event);
  uint64_t decisions_hash() const { return decisions_hash_.value(); }
  uint64_t digest() const { return all_hash_.value(); }
  uint64_t decisions() const { return decisions_; }
  uint64_t timeline() const { return timeline_; }

 private:
  WordHash decisions_hash_;
  WordHash all_hash_;
  uint64_t decisions_ = 0;
  uint64_t timeline_ = 0;
};

// Of all lanes, in worker order, the outside last. Of the workers the last `spares` are spares; the
// last ones of these do not count if they have decided nothing, for a reader may leave them out.
uint64_t CombineLanes(const std::vector<uint64_t>& decisions_hashes, uint32_t spares);
// How many those are.
uint32_t CountIdleSpares(const std::vector<uint64_t>& decisions_hashes, uint32_t spares);

std::string FingerprintText(uint64_t fingerprint);  // 16 hex digits

}  // namespace tally
