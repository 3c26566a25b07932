// What the environment asks of any program that links Tally.
#pragma once

#include <optional>
#include <string>

namespace tally {

// The file that TALLY_RECORD names, for the caller's scheduler alone: the second one of a process
// gets FILE.2, and so on. nullopt: nothing is asked.
std::optional<std::string> NextRecordingFromEnvironment();

}  // namespace tally
