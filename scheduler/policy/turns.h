// Whose turn it is among what a worker has at hand, so that the important comes first and nothing
// starves. Pure values: no clock here, so each rule is a table in turns_test.cc.
//
// Conflict: strict priorities starve the lower levels, newest-first deques starve their oldest
// tasks, and own-deque-first starves the injector, each for ever if somebody respawns. But fairness
// costs what strictness buys: latency of the important, and caches. Idea: strict, except for one
// turn in 61 (Go's scheduler looks at its global queue as often; a prime, so that no pattern of
// tasks falls in step with it). What is then served is the oldest of its kind. Price: of three
// waiting lower levels, a twentieth of the turns.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "numa/ids.h"
#include "scheduler/policy/dispatch.h"

namespace tally {

class Turns {
 public:
  static constexpr int kLevels = 4;
  // A level, or an older task of the level, is passed over at most this often ...
  static constexpr uint32_t kEvery = 61;
  // ... and a level at most this long before the next task begins, where tasks are long.
  static constexpr Nanos kAgeBound = 100'000'000;
  // Every so many turns the worker looks into others' queues, although its own are not empty.
  static constexpr uint32_t kFarEvery = 1021;

  // Whether several levels wait, so that Next() wants to know the time.
  static constexpr bool Compete(LevelMask own, LevelMask injector) {
    const LevelMask both = own | injector;
    return (both & (both - 1)) != 0;
  }

  // What to serve now. `now` matters only if levels compete.
  constexpr NextTask Next(LevelMask own, LevelMask injector, Nanos now) {
    NextTask next = ChooseNext(own, injector);
    if (next.source == Source::kNone) return next;
    if (Compete(own, injector)) {
      const int level = Age(own | injector, next.level, now);
      next.aged = level != next.level;
      next.level = level;
    } else {
      passed_[next.level] = 0;  // served: whatever had passed it, it does not starve
    }
    const LevelMask bit = 1u << next.level;
    if ((own & bit) == 0) {
      next.source = Source::kInjector;
      return next;
    }
    next.source = Source::kOwnDeque;
    if (!next.aged && ++same_[next.level] < kEvery) return next;
    same_[next.level] = 0;
    // The oldest: of the own deque and of the injector by turns.
    injectors_turn_ ^= bit;
    const bool from_injector = (injector & bit) != 0 && (injectors_turn_ & bit) != 0;
    next.source = from_injector ? Source::kInjector : Source::kOwnOldest;
    return next;
  }

  // Once per turn: whether this one begins with a look into others' queues, at FarLevel() alone.
  // Whoever has the task may be in a long one, and whoever else could take it never idle.
  constexpr bool LooksFar() {
    if (++turns_ < kFarEvery) return false;
    turns_ = 0;
    far_level_ = (far_level_ + 1) % kLevels;
    return true;
  }
  constexpr int FarLevel() const { return far_level_; }

 private:
  // The level whose turn it is, of `levels`, the highest of which is `top`.
  constexpr int Age(LevelMask levels, int top, Nanos now) {
    int due = top;
    for (LevelMask rest = levels & (levels - 1); rest != 0; rest &= rest - 1) {
      const int level = std::countr_zero(rest);
      if (passed_[level]++ == 0) since_[level] = now;
      if (passed_[level] >= kEvery || now - since_[level] >= kAgeBound) due = level;
    }
    passed_[due] = 0;
    return due;
  }

  std::array<uint32_t, kLevels> passed_{};  // turns that went to a higher level meanwhile
  std::array<Nanos, kLevels> since_{};      // when that began
  std::array<uint32_t, kLevels> same_{};    // turns of the level that went to its newest task
  LevelMask injectors_turn_ = 0;
  uint32_t turns_ = 0;
  int far_level_ = kLevels - 1;
};

// Whether a worker that is about to run something lower should look for an urgent task that the
// crew's hint speaks of. The hint may be old (its owner is in a long task and has not looked), and
// looking costs a few nanoseconds for each worker there is. So in a large crew a hint that led
// nowhere is followed again only when it has changed, or every few turns.
class UrgentLook {
 public:
  constexpr explicit UrgentLook(uint32_t workers) : every_(1 + workers / 16) {}

  constexpr bool Due(uint64_t hint) { return hint != in_vain_ || ++skipped_ >= every_; }
  constexpr void WasInVain(uint64_t hint) {
    in_vain_ = hint;
    skipped_ = 0;
  }

 private:
  uint32_t every_;
  uint64_t in_vain_ = 0;
  uint32_t skipped_ = 0;
};

}  // namespace tally
