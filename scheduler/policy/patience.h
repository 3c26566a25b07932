// How long to keep looking before sleeping, from what waking has been seen to cost. Pure values: no
// clock here, so each rule is a table in patience_test.cc.
#pragma once

#include <algorithm>

#include "numa/ids.h"

namespace tally {

// What waking a worker costs, from its waker's decision until it runs, as that worker has seen it.
//
// Conflict: a bound in pause counts means another time on every machine, a constant is right on one
// of them, and the mean of measured wakes follows the few that met a busy CPU and took
// milliseconds. Idea: track the median. Each wake moves the estimate by at most a sixteenth of
// itself, towards what was seen; the first one replaces the guess. Price: some twenty wakes to
// follow a machine that has changed.
class WakeLatency {
 public:
  // The median futex wake between two cores of the machines this project was measured on.
  static constexpr Nanos kGuess = 7'000;
  // Below: no kernel wakes that fast. Above: the machine is overcommitted, and spinning takes the
  // CPU from whom we wait for.
  static constexpr Nanos kLeast = 1'000, kMost = 50'000;
  static constexpr Nanos kFallingAsleep = 3'000;

  constexpr Nanos estimate() const { return estimate_; }

  // A worker parked, was woken and ran again. Who is woken before it sleeps says nothing about
  // waking a sleeper.
  constexpr void Woke(Nanos parked_at, Nanos woken_at, Nanos runs_at) {
    if (woken_at > parked_at + kFallingAsleep) Saw(runs_at - woken_at);
  }

  constexpr void Saw(Nanos latency) {
    latency = std::clamp(latency, kLeast, kMost);
    if (!seen_) {
      estimate_ = latency;
      seen_ = true;
      return;
    }
    const Nanos step = std::max<Nanos>(estimate_ / 16, 1);
    estimate_ += std::clamp(latency - estimate_, -step, step);
  }

 private:
  Nanos estimate_ = kGuess;
  bool seen_ = false;
};

// How long a worker that found nothing keeps looking before it sleeps: twice what waking it costs
// (Karlin et al., "Competitive randomized algorithms for non-uniform problems", SODA 1990: waiting
// as long as the alternative costs is 2-competitive; twice, for the waker pays too).
constexpr Nanos SearchNanos(Nanos wake_latency) { return 2 * wake_latency; }

// How long a searcher leaves other nodes' injectors alone: their tasks were sent there for a
// reason, and that node's workers are being woken.
constexpr Nanos GraceNanos(Nanos wake_latency) { return wake_latency; }

}  // namespace tally
