// hwloc 2.9 dies (or never ends) on about one in 150 damaged XML files, and a dead process cannot
// return a Status. So what comes from a file is first tried in a child process that may die:
// the text is in memory already, hence what the child survives the parent survives too.
//
// The price is one fork (about a millisecond) per XML file; live and synthetic need none.
// Considered: our own XML reader (then it is not hwloc's reading any more), and vetting the text
// beforehand (the crashes come from contradictions between objects, not from syntax).
#pragma once

#include <functional>

#include "absl/status/status.h"

namespace tally {

// Runs `act` in a child process, silenced, limited in memory and time, and returns its Status;
// Aborted if the child died or took too long. If no child can be made, OK: then there is nothing
// to learn. The caller holds whatever locks `act` takes in other threads.
absl::Status Rehearse(const std::function<absl::Status()>& act);

}  // namespace tally
