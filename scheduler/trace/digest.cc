#include "scheduler/trace/digest.h"

#include "absl/strings/str_format.h"

namespace tally {

void LaneHasher::Add(const Event& event) {
  const uint64_t rest = uint64_t{event.aux} | uint64_t{static_cast<uint16_t>(event.peer)} << 32 |
                        uint64_t{static_cast<uint8_t>(event.kind)} << 48 |
                        uint64_t{event.detail} << 56;
  if (IsDecision(event.kind)) {
    ++decisions_;
    decisions_hash_.Add(event.task);
    decisions_hash_.Add(event.arg);
    decisions_hash_.Add(rest);
  } else {
    ++timeline_;
  }
  all_hash_.Add(static_cast<uint64_t>(event.time));
  all_hash_.Add(event.task);
  all_hash_.Add(event.arg);
  all_hash_.Add(rest);
}

uint32_t CountIdleSpares(const std::vector<uint64_t>& decisions_hashes, uint32_t spares) {
  uint32_t idle = 0;
  // The last one is the outside's.
  while (idle < spares && idle + 1 < decisions_hashes.size() &&
         decisions_hashes[decisions_hashes.size() - 2 - idle] == WordHash().value()) {
    ++idle;
  }
  return idle;
}

uint64_t CombineLanes(const std::vector<uint64_t>& decisions_hashes, uint32_t spares) {
  WordHash hash;
  const size_t idle = CountIdleSpares(decisions_hashes, spares);
  for (size_t lane = 0; lane < decisions_hashes.size(); ++lane) {
    const size_t from_end = decisions_hashes.size() - 1 - lane;
    if (from_end == 0 || from_end > idle) hash.Add(decisions_hashes[lane]);
  }
  return hash.value();
}

std::string FingerprintText(uint64_t fingerprint) { return absl::StrFormat("%016x", fingerprint); }

}  // namespace tally
