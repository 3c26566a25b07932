// Which spare stands in when a task blocks, or is called in, and when one may rest again. A pure
// value, of 64 bits when packed, so that each change is one compare-and-swap (runtime/spares.h).
//
// Conflict: a task that blocks takes its worker along, so somebody has to stand in at once; but it
// soon goes on, and then there is one worker too many. Idea: nobody is anybody's stand-in. There
// are so many tasks that block, so many spares that serve, and whoever changes one of the numbers
// restores the balance: who begins to block calls a spare in if too few serve, and a spare rests,
// between two tasks, if too many do. (One that is called in for a Critical task is too many at
// once.)
#pragma once

#include <bit>
#include <cstdint>

namespace tally {

class StandIns {
 public:
  static constexpr uint32_t kMostSpares = 48;
  static constexpr uint32_t kMostHelpers = 7;
  static constexpr uint32_t kNobody = UINT32_MAX;

  constexpr explicit StandIns(uint32_t spares)
      : resting_(spares == 0 ? 0 : ~uint64_t{0} >> (64 - spares)) {}

  static constexpr StandIns Unpack(uint64_t word) {
    StandIns state(0);
    state.resting_ = word & kRestingMask;
    state.helpers_ = static_cast<uint32_t>(word >> kMostSpares) & kMostHelpers;
    state.blocking_ = static_cast<uint32_t>(word >> kBlockingShift);
    return state;
  }
  constexpr uint64_t Pack() const {
    return uint64_t{blocking_} << kBlockingShift | uint64_t{helpers_} << kMostSpares | resting_;
  }

  // Tasks that block.
  constexpr uint32_t blocking() const { return blocking_; }
  constexpr uint64_t resting() const { return resting_; }
  // Outside threads that are spares while they wait.
  constexpr uint32_t helpers() const { return helpers_; }
  // Of `spares` in all.
  constexpr uint32_t Serving(uint32_t spares) const {
    return spares - static_cast<uint32_t>(std::popcount(resting_)) - helpers_;
  }
  // Blocking tasks for whom nobody stands in.
  constexpr uint32_t Alone(uint32_t spares) const {
    if (blocking_ == 0) return 0;  // mostly, and who calls a spare in for a task is in a hurry
    const uint32_t serving = Serving(spares);
    return blocking_ > serving ? blocking_ - serving : 0;
  }
  // How many more serve than are needed.
  constexpr uint32_t TooMany(uint32_t spares) const {
    const uint32_t serving = Serving(spares);
    return serving > blocking_ ? serving - blocking_ : 0;
  }

  // TooMany() != 0, without counting where nobody blocks.
  constexpr bool AnyTooMany(uint32_t spares) const {
    if (blocking_ == 0 && helpers_ == 0) return resting_ != StandIns(spares).resting_;
    return TooMany(spares) != 0;
  }

  // Of those that rest, or of some of them, one on the PU of worker `who`, of `workers`; kNobody:
  // there is none. (The spares' PUs are the workers', in turn.)
  static constexpr uint32_t RestingAt(uint64_t resting, uint32_t who, uint32_t workers,
                                      uint32_t spares) {
    if (who == kNobody) return kNobody;
    uint32_t spare = who % workers;
    while (spare < spares && (resting >> spare & 1) == 0) spare += workers;
    return spare < spares ? spare : kNobody;
  }

  // A task begins to block, on the PU of worker `who`, of `workers`. Returns the spare that serves
  // from now on: one of that PU, or else any; kNobody if enough serve, or all.
  constexpr uint32_t Enter(uint32_t who, uint32_t workers, uint32_t spares) {
    const bool enough = TooMany(spares) != 0;
    ++blocking_;
    if (enough || resting_ == 0) return kNobody;
    uint32_t spare = RestingAt(resting_, who, workers, spares);
    if (spare == kNobody) spare = static_cast<uint32_t>(std::countr_zero(resting_));
    CallIn(spare);
    return spare;
  }
  // ... goes on.
  constexpr void Leave() { --blocking_; }
  // An outside thread becomes a spare, which it returns; kNobody if there are `most` already, or
  // none rests.
  constexpr uint32_t Help(uint32_t most) {
    if (helpers_ >= most || helpers_ >= kMostHelpers || resting_ == 0) return kNobody;
    ++helpers_;
    // The last one: that has the least to do otherwise.
    const uint32_t spare = static_cast<uint32_t>(std::bit_width(resting_)) - 1;
    resting_ &= ~(uint64_t{1} << spare);
    return spare;
  }
  // ... no longer.
  constexpr void EndHelp(uint32_t spare) {
    --helpers_;
    Rest(spare);
  }
  // The spare, which rests, serves though nobody blocks.
  constexpr void CallIn(uint32_t spare) { resting_ &= ~(uint64_t{1} << spare); }
  // The spare serves no longer.
  constexpr void Rest(uint32_t spare) { resting_ |= uint64_t{1} << spare; }

  friend constexpr bool operator==(const StandIns&, const StandIns&) = default;

 private:
  static constexpr uint64_t kRestingMask = ~uint64_t{0} >> (64 - kMostSpares);
  static constexpr int kBlockingShift = kMostSpares + 3;

  uint64_t resting_;  // spares, one bit each; those that were never called in, too
  uint32_t helpers_ = 0;
  uint32_t blocking_ = 0;  // below 2^13: there are at most kMaxWorkers threads
};

}  // namespace tally
