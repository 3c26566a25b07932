// The kernel's performance counters, as an argument: what perf_event_open(2) grants, so that a test
// runs on a processor that it does not have, and with a kernel that refuses.
#pragma once

#include <cstdint>
#include <string>

namespace tally {

// Which processor this is, by CPUID. Codes of raw events mean something else on another one: there
// they open, and count nothing or nonsense.
struct CpuIdentity {
  enum class Vendor : uint8_t { kOther, kAmd, kIntel };
  Vendor vendor = Vendor::kOther;
  int family = 0, model = 0;  // with the extended parts added, as the vendors' manuals name them
};
CpuIdentity ThisCpu();

struct PerfEvent {
  uint32_t type = 0;  // PERF_TYPE_*
  uint64_t config = 0;
  friend bool operator==(const PerfEvent&, const PerfEvent&) = default;
};

// A counter's value, and for how long it has counted: less than the time for which it was meant to
// where more events were asked for than the processor has counters.
struct PerfReading {
  uint64_t value = 0;
  uint64_t enabled_ns = 0;  // the thread ran with the event open
  uint64_t running_ns = 0;  // ... and the event had a counter
};

class PerfEvents {
 public:
  virtual ~PerfEvents() = default;
  // Counts for the calling thread from now on, in user space only, also once it has ended. A
  // descriptor, or a negative errno.
  virtual int Open(const PerfEvent& event) = 0;
  // From any thread. False if it cannot be read.
  virtual bool Read(int descriptor, PerfReading* reading) = 0;
  virtual void Close(int descriptor) = 0;
};

// This machine's.
PerfEvents& RealPerfEvents();

}  // namespace tally
