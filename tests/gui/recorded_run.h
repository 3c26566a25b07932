// A run of the real scheduler, recorded to a file: what the dashboard's tests look at.
#pragma once

#include <cstdint>
#include <string>

namespace tally {

// Runs the workload on `workers` real workers and returns the recording's path. Fails the test, and
// returns "", if that is impossible.
std::string RecordRun(const std::string& workload, uint64_t size, int workers);

// The same of a program whose tasks block, all at once, until a spare has run another.
std::string RecordBlockingRun(int workers);

// The first `share` of the file, as a killed process leaves it.
std::string Truncated(const std::string& path, double share);

// Where the test may write `name`.
std::string Scratch(const std::string& name);

}  // namespace tally
