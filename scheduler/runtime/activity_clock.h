// What a worker spends its time with. Clocks are read only where it changes between running tasks
// and not: a task that follows another costs nothing here.
#pragma once

#include <array>
#include <cstdint>

#include "numa/ids.h"

namespace tally {

// Busy: running tasks and finding the next at once. Searching: nothing was at hand. Asleep: parked
// for want of work. Waiting: parked inside a Wait, or in a BlockingScope.
enum class Activity : uint8_t { kBusy, kSearching, kAsleep, kWaiting };
inline constexpr int kActivities = 4;

using ActivityTimes = std::array<Nanos, kActivities>;

// Written by its worker alone, read by anyone.
template <class W>
class ActivityClock {
 public:
  // The worker begins, busy, or leaves; a spare may come again.
  void Start(Nanos now) {
    since_.Add(static_cast<uint64_t>(now) - since_.Read());  // modulo 2^64
    running_.Add(1);
  }
  void Stop(Nanos now) {
    Enter(Activity::kBusy, now);
    running_.Add(~uint64_t{0});  // -1
  }

  void Enter(Activity next, Nanos now) {
    changes_.Add(1);
    const uint64_t since = since_.Read();
    const uint64_t now_bits = static_cast<uint64_t>(now);
    times_[activity_.Read()].Add(now_bits - since);
    since_.Add(now_bits - since);
    activity_.Add(static_cast<uint64_t>(next) - activity_.Read());  // modulo 2^64
    changes_.Add(1);
  }

  // Up to now, while the worker runs. A reader that never finds a quiet moment takes what it sees:
  // one stretch may then be missing, or be in it twice.
  ActivityTimes Read() const {
    ActivityTimes times{};
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const uint64_t before = changes_.Read();
      const Nanos since = static_cast<Nanos>(since_.Read());
      const uint64_t activity = activity_.Read();
      for (int i = 0; i < kActivities; ++i) times[i] = static_cast<Nanos>(times_[i].Read());
      if (running_.Read() != 0) {
        const Nanos now = W::Now();
        if (now > since) times[activity % kActivities] += now - since;
      }
      if (before % 2 == 0 && changes_.Read() == before) break;
    }
    return times;
  }

 private:
  static constexpr int kAttempts = 8;

  using Counter = typename W::Counter;
  std::array<Counter, kActivities> times_{};
  Counter since_, activity_, running_;
  Counter changes_;  // odd: being written
};

}  // namespace tally
