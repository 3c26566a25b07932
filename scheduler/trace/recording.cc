#include "scheduler/trace/recording.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tally {

std::string RecordingLoss::InWords() const {
  std::vector<std::string> parts;
  if (!sealed) parts.push_back("the recording was cut off before its end");
  if (chunks_missing != 0) {
    parts.push_back(absl::StrCat(chunks_missing, chunks_missing == 1 ? " chunk is" : " chunks are",
                                 " missing"));
  }
  if (bytes_skipped != 0) {
    parts.push_back(absl::StrCat(bytes_skipped, " bytes were unreadable and skipped"));
  }
  if (timeline_dropped != 0) {
    parts.push_back(absl::StrCat(timeline_dropped, " timeline events were dropped under load"));
  }
  return absl::StrJoin(parts, "; ");
}

std::string_view Recording::NameOf(uint32_t hash) const {
  const auto found = names.find(hash);
  return found == names.end() ? std::string_view() : std::string_view(found->second);
}

uint64_t Fingerprint(const Recording& recording) {
  std::vector<uint64_t> decisions;
  for (const std::vector<Event>& lane : recording.lanes) {
    LaneHasher hasher;
    for (const Event& event : lane) hasher.Add(event);
    decisions.push_back(hasher.decisions_hash());
  }
  return CombineLanes(decisions, recording.header.spares);
}

uint64_t LaneDigest(const std::vector<Event>& lane) {
  LaneHasher hasher;
  for (const Event& event : lane) hasher.Add(event);
  return hasher.digest();
}

}  // namespace tally
