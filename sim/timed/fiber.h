// One thread of the imagined machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "numa/ids.h"
#include "sim/timed/context.h"

namespace tally::timed {

// Whose turn is next: the smallest clock; among equals, workers by id before others, then creation
// order.
struct Turn {
  Nanos clock = 0;
  uint64_t rank = 0;

  static uint64_t Rank(WorkerId worker, uint32_t index) {
    constexpr uint64_t kAfterWorkers = uint64_t{1} << 31;
    return (worker.valid() ? worker.index() : kAfterWorkers) << 32 | index;
  }
  // One comparison without branches; clocks are never negative.
  friend bool operator<(const Turn& a, const Turn& b) { return a.Packed() < b.Packed(); }

 private:
  unsigned __int128 Packed() const {
    return static_cast<unsigned __int128>(static_cast<uint64_t>(clock)) << 64 | rank;
  }
};

struct Fiber {
  enum class State : uint8_t { kReady, kParked, kJoining, kDone };

  Turn turn;
  uint32_t index = 0;  // in creation order: what lines remember
  uint32_t queue_slot = 0;
  CpuId cpu;
  State state = State::kReady;
  bool timed_out = false;
  Nanos stores_drained_at = 0;  // when everything in its store buffer has arrived
  Nanos asleep_at = 0;          // while parked or joining: when it was really asleep
  void* current = nullptr;      // TimedWorld::Current()
  Fiber* joiner = nullptr;
  const Fiber* joins = nullptr;
  std::string name;
  std::function<void()> body;
  Context context;
  Stack stack;
};

}  // namespace tally::timed
