// Replays a recording from its first event to its last and says whether it is a run that the
// scheduler could have made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/trace/recording.h"

namespace tally {

struct ReplayReport {
  uint64_t fingerprint = 0;  // of the decisions as replayed
  uint64_t tasks = 0;        // that began and ended
  uint64_t events = 0;       // decisions and timeline
  uint64_t decisions = 0;
  std::vector<std::string> violations;  // one sentence each, the first few
  uint64_t violation_count = 0;         // all of them
  bool ok() const { return violation_count == 0; }
};

// Every task is spawned, begins and ends once; queues give what they hold in their order; waits end
// after their groups; sleepers wake before they act; nothing was lost, and the recorder's own
// fingerprint, counts and digests agree.
ReplayReport Replay(const Recording& recording);

}  // namespace tally
