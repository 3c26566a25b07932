// A recording in memory: what every reader (replay, stats, dashboard) works on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scheduler/trace/digest.h"  // FingerprintText
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording_header.h"

namespace tally {

// What a damaged or interrupted file did not give.
struct RecordingLoss {
  uint64_t bytes_skipped = 0;     // bytes that belong to no whole, checksummed chunk
  uint64_t chunks_missing = 0;    // gaps in the lanes' chunk sequence numbers
  uint64_t timeline_dropped = 0;  // dropped by the recorder under load (said by the chunks)
  bool sealed = false;            // the recorder finished: the file is whole
  bool any() const { return bytes_skipped != 0 || chunks_missing != 0 || !sealed; }
  std::string InWords() const;  // one sentence, for people; empty when nothing was lost
};

struct Recording {
  RecordingHeader header;
  // One per worker, then one for the outside: lanes.size() == header.workers.size() + 1.
  // Each in the order in which its owner emitted (decisions and timeline merged by sequence). Times
  // rise within a lane unless somebody changed the file; they are within +-2^61 in any case.
  std::vector<std::vector<Event>> lanes;
  std::map<uint32_t, std::string> names;  // hash -> text
  RecordingLoss loss;
  bool has_seal = false;
  RecordingSummary seal;               // what the recorder itself counted and hashed
  std::vector<uint64_t> lane_digests;  // from the seal: every event, timeline included, by lane

  std::string_view NameOf(uint32_t hash) const;
};

// The fingerprint of a recording's decisions, computed from its events.
uint64_t Fingerprint(const Recording& recording);
// Digest of all events (decisions and timeline) of one lane; equals the seal's if nothing changed.
uint64_t LaneDigest(const std::vector<Event>& lane);

// Feeds on bytes as they come (a file in pieces, or the live chunks) and grows a Recording.
class RecordingBuilder {
 public:
  RecordingBuilder();
  ~RecordingBuilder();
  // Consumes whole chunks; keeps a partial one until the rest comes. Damaged chunks are skipped up
  // to the next chunk magic and counted. Error (and nothing is consumed any more): not a recording
  // at all, or a newer major version.
  absl::Status Append(std::string_view bytes);
  // No more bytes: what is left over counts as lost. Error: there was no readable header.
  absl::Status Finish();
  // The header has been read: recording() has its lanes.
  bool has_header() const;
  // Grows with each Append: lanes only at their ends, so a viewer may remember how far it has read.
  const Recording& recording() const;
  // The last spares, if they never served, are no longer among the workers.
  Recording Take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// NotFound / PermissionDenied / InvalidArgument ("x.png is not a Tally recording: ..."). A
// recording that was cut or damaged is not an error as long as its header can be read: see `loss`.
absl::StatusOr<Recording> ReadRecording(const std::string& path);

}  // namespace tally
