// Runs a program on an imagined machine, in virtual time.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "sim/timed/machine_model.h"

namespace tally {

// Ends a simulation that would not end by itself, and lets somebody watch it.
struct TimedLimits {
  Nanos virtual_ns = Nanos{3600} * 1'000'000'000;  // 0: no limit
  uint64_t steps = 0;                              // accesses, pauses, waits; 0: no limit
  // Called now and then with the virtual time. Must leave the simulated program alone.
  std::function<void(Nanos now)> progress = nullptr;
};

struct TimedReport {
  Nanos end_ns = 0;  // the latest clock
  uint64_t steps = 0;
  uint64_t switches = 0;    // from one fiber to another
  uint64_t trace_hash = 0;  // of every switch's (clock, fiber): equal for equal schedules
};

// Runs `main_body` as a thread outside any scheduler (TimedWorld::Current() is nullptr, no CPU),
// and every TimedWorld::Thread that it starts, until all are over. Simulations may follow each
// other and run on several host threads, but not nest.
//
// Aborted: deadlock, with who waits for what. ResourceExhausted: a limit was hit, or no memory for
// the first stack. After either, stopped fibers stay as they are: nothing on their stacks is
// destroyed. Rethrows what `main_body` throws, once the other fibers are over.
absl::Status RunTimed(const Topology& topology, const MachineModel& model,
                      std::function<void()> main_body, TimedReport* report = nullptr,
                      const TimedLimits& limits = {});

}  // namespace tally
