// hwloc 2.9 dies (or never ends) on about one in 150 damaged XML files, and a dead process cannot
// return a Status. So what comes from a file is read in a child process that may die, and only the
// plain facts that it found come back.
//
// The price is one fork (about a millisecond) per XML file; live and synthetic need none.
// Considered: our own XML reader (then it is not hwloc's reading any more), vetting the text
// beforehand (the crashes come from contradictions between objects, not from syntax), and reading
// it again in the parent once a child has survived (hwloc writes complaints to stderr there, and
// surviving once proves little about wild reads).
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace tally {

struct Confined {
  std::string result;       // what `act` returned
  bool complained = false;  // it wrote to stderr, which is not shown
};

// Runs `act` in a child process, silenced, limited in memory and time. Returns what it returns;
// Aborted if the child died or took too long; Unavailable if no child can be made. The caller holds
// whatever locks `act` takes in other threads.
absl::StatusOr<Confined> RunConfined(const std::function<absl::StatusOr<std::string>()>& act);

}  // namespace tally
