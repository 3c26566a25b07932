// Whether a scheduler has fallen asleep over its work. Must never be: a publisher wakes somebody,
// and who falls asleep looks once more. So this is for those who doubt it (runtime/watchdog.h).
#pragma once

#include <cstdint>

namespace tally {

// One look, whose parts are not all of one moment.
struct StallFacts {
  int64_t queued = 0;  // tasks in injectors and deques
  uint32_t workers = 0;
  uint32_t asleep = 0;    // for want of work; whom somebody has begun to wake does not count
  uint32_t waiting = 0;   // parked inside a Wait, or in one for another scheduler
  uint64_t progress = 0;  // differs if anybody has run, slept or woken anything in between

  constexpr bool Suspicious() const { return queued > 0 && asleep + waiting >= workers; }
};

// Two suspicious looks with nothing in between are a stall. Says so once, until something moves.
class StallJudge {
 public:
  [[nodiscard]] constexpr bool IsStalled(const StallFacts& facts) {
    const bool moved = facts.progress != progress_;
    const bool again = suspicious_ && !moved;
    suspicious_ = facts.Suspicious();
    progress_ = facts.progress;
    if (!suspicious_ || moved) {
      told_ = false;
      return false;
    }
    if (!again || told_) return false;
    told_ = true;
    return true;
  }

 private:
  uint64_t progress_ = UINT64_MAX;
  bool suspicious_ = false;
  bool told_ = false;
};

}  // namespace tally
