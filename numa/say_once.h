// Tally's log: for what a user should know once and would not think to ask.
#pragma once

#include <string>

namespace tally {

// Writes "tally: SENTENCE" to standard error, unless this process has said so before, or
// TALLY_QUIET is set in the environment. Returns whether it was said. From any thread.
bool SayOnce(const std::string& sentence);

}  // namespace tally
