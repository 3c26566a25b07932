// What the kernel says about a lack of memory, and what follows from it: pure functions.
//
// PSI ("pressure stall information") counts the time that tasks stood still for want of memory:
// `some` while at least one did, `full` while all did. A cgroup (v2) counts how often its limits
// were met. Sources: Documentation/accounting/psi.rst and Documentation/admin-guide/cgroup-v2.rst
// of Linux.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "numa/ids.h"

namespace tally {

enum class PressureLevel : uint8_t {
  kNone,
  kSome,  // tasks wait for memory now and then, or the cgroup's soft limit was met
  kHigh   // nothing runs for want of memory, or the cgroup's hard limit was met
};
std::string_view PressureLevelName(PressureLevel level);

struct PressureStalls {
  uint64_t some_us = 0, full_us = 0;      // ever
  double some_avg10 = 0, full_avg10 = 0;  // percent of the last 10 s
};
// The text of a PSI file; nullopt if it is not one. `full` may be missing.
std::optional<PressureStalls> ParsePressure(std::string_view text);

struct CgroupMemoryEvents {
  uint64_t high = 0, max = 0, oom = 0, oom_kill = 0;  // ever
};
// The text of memory.events; nullopt if it has none of these.
std::optional<CgroupMemoryEvents> ParseMemoryEvents(std::string_view text);

// All that was read at one moment.
struct PressureFacts {
  Nanos at = 0;
  bool triggered = false;  // the kernel said that a threshold was crossed
  // Of the system and of the cgroup, always in that order; nothing where it cannot be read.
  std::vector<std::optional<PressureStalls>> stalls;
  std::optional<CgroupMemoryEvents> events;
};

struct PressureVerdict {
  PressureLevel level = PressureLevel::kNone;
  std::string why;  // one clause: "tasks waited for memory 12.0 % of the time"
};

// Percent of the time that count as kSome, for `some`, and as kHigh, for `full`.
inline constexpr int kSomePercent = 7, kFullPercent = 5;

// `before` is the previous moment's; equal events say nothing.
PressureVerdict JudgePressure(const PressureFacts& before, const PressureFacts& now);

}  // namespace tally
