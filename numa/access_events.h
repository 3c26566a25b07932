// Which events of which processor tell a thread's accesses to its own node's memory from those to
// other nodes'.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "numa/perf_events.h"

namespace tally {

// One way to count.
struct AccessEvents {
  std::string_view name;           // what people call it: "AMD ls_dmnd_fills_from_sys"
  PerfEvent remote;                // data from other nodes, a cache line each
  std::optional<PerfEvent> local;  // from the own node's memory, if this way can tell
  // Counts whenever a program runs. If it stays at zero, then the counters do not count (a
  // hypervisor that grants them in name), and another zero means nothing.
  PerfEvent alive;
};

// The best first: the processor's own events, if its family is known; then the kernel's generic
// ones.
std::vector<AccessEvents> AccessEventsFor(const CpuIdentity& cpu);

}  // namespace tally
