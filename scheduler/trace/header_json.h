// The two payloads that are text: what a recording says about itself, before and after.
//
// Parsing trusts nothing: a field of the wrong type or out of range is an error in words, sizes are
// bounded before anything is allocated, and unknown fields (of a newer minor version) are ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/trace/recording_header.h"

namespace tally {

std::string HeaderToJson(const RecordingHeader& header);
// At least one worker and one node; node_distances is complete; every worker's node is valid or -1.
absl::StatusOr<RecordingHeader> HeaderFromJson(std::string_view text);

// What the recorder knows when it finishes.
struct Seal {
  RecordingSummary summary;
  std::vector<uint64_t> lane_digests;  // by lane
  std::vector<uint64_t> lane_chunks;   // event chunks written, by lane
};

std::string SealToJson(const Seal& seal);
// `lanes`: how many there must be.
absl::StatusOr<Seal> SealFromJson(std::string_view text, size_t lanes);

}  // namespace tally
