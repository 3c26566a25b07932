// One thing that a worker did: what the scheduler's hooks hand to the recorder.
//
// A recording answers two questions, so events come in two classes. *Decisions* (who spawned, ran,
// stole, waited, slept and woke whom) are what a replay needs and what the fingerprint hashes; they
// are never dropped. *Timeline* events (queue depths, memory touches, failed steals) make the
// picture; under load they may be dropped, and every drop is counted.
#pragma once

#include <cstdint>

#include "numa/ids.h"

namespace tally {

using TaskId = uint64_t;  // pedigree: hash of parent and spawn rank; 0 is "the outside"

enum class EventKind : uint8_t {
  // --- decisions -------------------------------------------------------------------------------
  kSpawn = 1,  // task: child. arg: group (0: detached). aux: name hash. peer: worker or node by
               // `place`. The parent is the task that this lane is running (0 outside).
  kBegin,      // task starts on this lane. place: where it came from.
  kEnd,        // task is over: the innermost begun task of this lane. aux 1: it never ran, a
               // cancelled shutdown dropped it.
  kSteal,      // task moved from worker `peer`'s deque (oldest end). place: kHand, kOwnDeque, or
  // kInjector (of the thief's node, else node 0: a waiter saw that it must not run it). A fork that
  // was stolen and given back to its parent is recorded like that, and then as kReclaim by the
  // parent. `peer` may be the lane itself, with kInjector: a spare hands over what it has queued,
  // the newest first.
  kTake,     // task taken from node `peer`'s injector. place: kHand (the oldest), or of what comes
             // with it, newest first: kOwnDeque, or kInjector (put back at the end: no room).
  kReclaim,  // task of a group taken back by its waiter from node `peer`'s injector. place: kHand.
  kWaitBegin,  // the running task (or the outside) waits for group `arg`.
  kWaitEnd,    // every task of group `arg` is over.
  kPark,       // this worker found nothing, announced, rechecked and sleeps. aux kAtRest: a spare
  // that serves no longer; before its first service it rests, too.
  kUnpark,  // ... and is awake again. aux kAtRest: a spare, or an outside thread that is one as
  // long as it helps, begins to serve.
  kWake,  // this lane woke worker `peer`.
  // --- timeline --------------------------------------------------------------------------------
  kDepth = 64,  // aux: tasks in a worker's deques (all levels) after a change by this lane: its own
                // (arg 0), or those of worker arg - 1, whom it has just robbed.
                // peer >= 0: not deques but node `peer`'s injector.
  kTouch,       // task declared `arg` bytes used whose home is node `peer` (-1: unknown).
  kStealFail,   // looked at worker `peer`'s deques in vain. aux: 0 empty, 1 lost a race.
};

inline constexpr uint32_t kAtRest = 1;  // aux of kPark and kUnpark

constexpr bool IsDecision(EventKind kind) { return static_cast<uint8_t>(kind) < 64; }

// Where a task goes to (kSpawn, kSteal, kTake) or comes from (kBegin).
enum class Place : uint8_t {
  kHand = 0,      // kept by the worker, which begins it next
  kOwnDeque = 1,  // this worker's deque of that priority
  kInjector = 2,  // node `peer`'s injector of that priority
  kInline = 3,    // never queued: run in place by the spawner
};

enum class Priority : uint8_t { kCritical = 0, kHigh = 1, kNormal = 2, kLow = 3 };
inline constexpr int kPriorities = 4;

struct Event {
  Nanos time = 0;
  TaskId task = 0;
  uint64_t arg = 0;
  uint32_t aux = 0;
  int16_t peer = -1;
  EventKind kind = EventKind::kSpawn;
  // Low two bits: Priority of `task`; next two: Place.
  uint8_t detail = 0;

  Priority priority() const { return static_cast<Priority>(detail & 3); }
  Place place() const { return static_cast<Place>((detail >> 2) & 3); }
  static constexpr uint8_t Detail(Priority priority, Place place) {
    return static_cast<uint8_t>(static_cast<uint8_t>(priority) | static_cast<uint8_t>(place) << 2);
  }
  friend bool operator==(const Event&, const Event&) = default;
};
static_assert(sizeof(Event) == 32);

// FNV-1a, 32 bits: names travel as hashes, their text once per recording.
constexpr uint32_t NameHash(const char* text) {
  uint32_t hash = 2166136261u;
  for (; *text != '\0'; ++text) hash = (hash ^ static_cast<uint8_t>(*text)) * 16777619u;
  return hash;
}

}  // namespace tally
