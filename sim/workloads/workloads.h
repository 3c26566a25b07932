// The programs that Tally is watched with: each written once, for every world, checking its own
// result.
//
// A workload is a template on the world that blocks only through it. Real bodies compute; in
// simulated worlds, where computing takes no virtual time, a Charge beside them says what they
// would have cost (measured; see each file).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tally {

template <class W>
class BasicScheduler;

struct WorkloadInfo {
  std::string_view name;
  std::string_view help;        // one line, lower case, no full stop
  std::string_view size_means;  // "queens on a board of that many rows and columns"
  uint64_t default_size = 0;
  uint64_t min_size = 0;
  uint64_t max_size = 0;
};

// Pages that tasks used, on the node of the worker that used them and elsewhere.
struct PageAccesses {
  uint64_t local = 0, remote = 0;
  uint64_t unknown = 0;     // nobody says where the page is
  std::string_view source;  // who said: "move_pages"
};

// What came out, in the workload's own terms. RunWorkload has compared the two.
struct WorkloadResult {
  uint64_t answer = 0;
  uint64_t expected = 0;
  std::optional<PageAccesses> pages = {};  // of a workload that counts them
};

// All of them, in the order in which people should see them.
const std::vector<WorkloadInfo>& Workloads();
// nullptr if there is none of that name.
const WorkloadInfo* FindWorkload(std::string_view name);
// InvalidArgument, with the range and what size means, if `size` is out of range.
absl::Status CheckWorkloadSize(const WorkloadInfo& workload, uint64_t size);

// Runs it to its end from a thread outside of the scheduler. NotFound and InvalidArgument for a
// wrong name or size; ResourceExhausted without memory; Internal if the result is wrong.
// Instantiated for RealWorld and TimedWorld.
template <class W>
absl::Status RunWorkload(std::string_view name, uint64_t size, BasicScheduler<W>& scheduler,
                         WorkloadResult* result = nullptr);

}  // namespace tally
