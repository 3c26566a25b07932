// How much memory traffic went between nodes: by the best source that there is, and by name.
//
// Conflict: the processor knows what really happened but seldom tells; tasks tell which memory they
// use but not what the caches saved; the kernel's allocation counters are of the whole machine. A
// number without its source is worse than none. So there is a ladder: the topmost source that knows
// gives the number, says which it is and why those above it are silent; and if none knows, the
// answer is "unknown", which is not 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nlohmann/json.hpp"
#include "numa/access_counters.h"
#include "scheduler/trace/recording_header.h"
#include "sim/metrics/metrics.h"

namespace tally {

enum class AccessRung : uint8_t {
  kHardware,     // the processor's counters: cache lines from other nodes
  kDeclared,     // what tasks said they touch, against where the kernel says the pages are
  kAllocations,  // pages that the kernel gave out across nodes, of the whole machine
  kUnknown
};
const char* AccessRungName(AccessRung rung);  // "hardware", "declared", "allocations", "unknown"

// What is known of a run besides its recording.
struct AccessFacts {
  AccessReport hardware;                             // by worker
  std::optional<uint64_t> pages_given_across_nodes;  // while it ran
};

struct CrossNode {
  AccessRung rung = AccessRung::kUnknown;
  std::string source;  // in words: what counted, or why nothing did
  // Why the rungs above are silent, one clause each; empty: they are not.
  std::string why_not_hardware, why_not_declared, why_not_allocations;
  std::optional<uint64_t> accesses, bytes;  // between different nodes
  std::optional<uint64_t> local_accesses;   // within one
};

CrossNode CountCrossNode(const AccessFacts& facts, const Metrics& metrics,
                         const RecordingHeader& header);

// One object with the rung, and all that is known per worker, per pair of nodes and per task type;
// null for what this rung cannot tell.
nlohmann::ordered_json CrossNodeJson(const CrossNode& cross, const AccessFacts& facts,
                                     const Metrics& metrics, const RecordingHeader& header);

}  // namespace tally
