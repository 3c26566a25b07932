// Tasks that were sent to a node by name, to where their data is: when may others take them?
//
// Conflict: a task that runs far from its data is up to five times slower and takes its node's
// bandwidth too, but a node that does not get to its tasks must not keep them while others sleep.
// So a node's tasks are its own as long as it serves them at its usual pace; they are anybody's
// once nobody there has taken one for several times as long, or once it would be busy with them for
// long.
//
// Time alone cannot tell a worker that is in a long task from one that is on its way: waking one
// takes a futex's time on an idle machine, a time slice or more where other programs, or other
// virtual machines, are on its CPU, and as long again for the fence before its sleep. So a node of
// which a worker has nothing else to do is left alone for longer.
#pragma once

#include <algorithm>
#include <cstdint>

#include "numa/ids.h"

namespace tally {

// Of one node, a moment ago.
struct SentFacts {
  int64_t queued = 0;      // tasks sent there that wait
  Nanos since_served = 0;  // since its workers took one, or since the first came
  Nanos pace = 0;          // usual time between two takes; 0: not known yet
  bool coming = false;     // one of its workers has no other task, and has been told
};

// How many paces without a take mean that a node does not get to its tasks.
inline constexpr int kPacesToWait = 16;
// How many times as long who is coming has.
inline constexpr int kPatienceWithTheComing = 64;
// A queue that will take a node that long is shared out.
inline constexpr Nanos kBacklogNanos = 1'000'000'000;

// `patience`: the least time that a node has.
constexpr bool MayRobSent(const SentFacts& facts, Nanos patience) {
  if (facts.queued <= 0) return false;
  const Nanos usual = std::max(patience, kPacesToWait * facts.pace);
  if (facts.since_served >= (facts.coming ? kPatienceWithTheComing : 1) * usual) return true;
  return facts.pace > 0 && facts.queued > kBacklogNanos / facts.pace;
}

// The pace after one more take, `gap` after the one before: a moving average over about eight.
constexpr Nanos PaceAfter(Nanos pace, Nanos gap) {
  return pace == 0 ? gap : pace + (gap - pace) / 8;
}

// How long somebody sleeps who may not take such tasks yet, having looked `looks` times before.
constexpr Nanos LookAgainNanos(Nanos patience, int looks) { return patience << std::min(looks, 6); }

}  // namespace tally
