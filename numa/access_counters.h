// How often threads went to other nodes for their data, by the processor's own counters.
//
// Conflict: a counter that is refused, multiplexed or only pretended reads like a thread that never
// left its node. So there is either a count of all threads by one named way, or none and a reason.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "numa/access_events.h"
#include "numa/perf_events.h"

namespace tally {

// Cache lines that came from memory.
struct AccessCount {
  uint64_t remote = 0;            // from other nodes
  std::optional<uint64_t> local;  // from the own node's memory; unset: this way does not tell
};

struct AccessReport {
  std::string source;                // the way, by name; empty if nothing was counted
  std::string why_not;               // one clause if nothing was counted
  std::vector<AccessCount> threads;  // by index; empty if nothing was counted
  AccessCount total;
  // Over all threads. Where the second is less, counts are scaled up by the quotient.
  uint64_t enabled_ns = 0, running_ns = 0;

  bool counted() const { return !source.empty(); }
};

class AccessCounters {
 public:
  static constexpr uint64_t kLineBytes = 64;  // what one count stands for

  // Finds the best way that the kernel grants the calling thread. `events` outlives it.
  explicit AccessCounters(size_t threads, const CpuIdentity& cpu = ThisCpu(),
                          PerfEvents& events = RealPerfEvents());
  ~AccessCounters();
  AccessCounters(const AccessCounters&) = delete;
  AccessCounters& operator=(const AccessCounters&) = delete;

  // From now on the calling thread is counted, as number `index` of them. Once per index.
  void Start(size_t index);

  // Up to now, or up to the threads' ends. From any thread.
  AccessReport Read() const;

 private:
  static constexpr int kNotStarted = -1;  // a descriptor is at least 0; others: negative errno - 1
  struct Slot {
    std::atomic<int> remote{kNotStarted}, local{kNotStarted}, alive{kNotStarted};
  };

  bool Granted(const AccessEvents& way);
  // What is missing to a full count, in one clause; empty: nothing.
  std::string Add(const Slot& slot, AccessReport& report, uint64_t& alive) const;

  PerfEvents& events_;
  std::optional<AccessEvents> way_;
  std::string refused_;  // one clause, if no way is granted
  const size_t threads_;
  const std::unique_ptr<Slot[]> slots_;
};

}  // namespace tally
