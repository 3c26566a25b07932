// What to run next, how much to take, when to wake and when to search: pure functions of facts.
// No clock, thread, atomic or I/O here, so each rule is a table in dispatch_test.cc.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/policy/random.h"
#include "scheduler/policy/victims.h"

namespace tally {

// --- what next ----------------------------------------------------------------------------------

// Bit l set: something of priority level l (0 = Critical) is there.
using LevelMask = uint32_t;

// Of the own deque the newest task or the oldest one, of the injector always the oldest.
enum class Source : uint8_t { kNone, kOwnDeque, kOwnOldest, kInjector };

struct NextTask {
  Source source = Source::kNone;
  int level = 0;
  bool aged = false;  // before its turn, see turns.h
  friend bool operator==(const NextTask&, const NextTask&) = default;
};

// From high level to low: own deque, then the node's injector.
constexpr NextTask ChooseNext(LevelMask own, LevelMask injector) {
  const LevelMask both = own | injector;
  if (both == 0) return {};
  const int level = std::countr_zero(both);
  const bool is_own = ((own >> level) & 1) != 0;
  return {is_own ? Source::kOwnDeque : Source::kInjector, level, false};
}

// What a victim offers: its highest level with something to steal, and how much of that level.
struct Offer {
  static constexpr int kNothing = 32;
  int level = kNothing;
  int64_t depth = 0;
};

// Of several victims that are equally far, the one to rob: the highest level; of those the longer
// queue of the first two, for what lies longest in a long queue is a large piece (the power of two
// choices: Mitzenmacher, IEEE TPDS 2001).
class VictimChoice {
 public:
  // `best` is the highest level that anybody can be expected to offer.
  constexpr explicit VictimChoice(int best) : best_(best) {}

  // Returns true if there is no point in looking at more.
  constexpr bool Consider(uint32_t seat, Offer offer) {
    if (offer.level == Offer::kNothing) return false;
    if (offer.level < offer_.level || (offer.level == offer_.level && offer.depth > offer_.depth)) {
      offer_ = offer;
      seat_ = seat;
    }
    return offer.level <= best_ && ++seen_ == 2;
  }
  constexpr bool found() const { return offer_.level != Offer::kNothing; }
  constexpr uint32_t seat() const { return seat_; }
  constexpr int level() const { return offer_.level; }

 private:
  int best_;
  int seen_ = 0;  // offers of the best level
  Offer offer_;
  uint32_t seat_ = 0;
};

// The tier at which a thief begins: the nearest, but every few times the nearest on another node. A
// node's crew would otherwise pass each other ever smaller pieces while the roots of the tree, and
// the large subtrees, lie in the deques of another.
inline size_t FirstTier(const std::vector<Tier>& tiers, Random& random) {
  constexpr uint32_t kFarOneIn = 4;
  if (random.Below(kFarOneIn) != 0) return 0;
  for (size_t t = 0; t < tiers.size(); ++t) {
    if (tiers[t].proximity >= Proximity::kPackage) return t;
  }
  return 0;
}

// --- how much -----------------------------------------------------------------------------------

// Tasks to move with one visit to a victim that shows `depth` of them. Near: one, for the caches
// are shared and the thief can come again. From another node: up to half, for the way is long.
// `grouped`: of one group, wherever: of a tree the oldest is the largest, and enough; but a queue
// as long as no tree makes it is a flat batch, probably of tasks shorter than a visit. Many of
// them: victim and thief need the same lines once a visit, and what is too much others steal in
// turn.
inline constexpr uint32_t kMostStolen = 64;
constexpr uint32_t StealBatch(Proximity proximity, int64_t depth, bool grouped) {
  constexpr int64_t kMostFar = 16, kFlat = 64;
  if (grouped && depth < kFlat) return 1;
  if (grouped) return static_cast<uint32_t>(std::min<int64_t>(depth / 8, kMostStolen));
  if (proximity < Proximity::kPackage) return 1;
  return static_cast<uint32_t>(std::clamp<int64_t>(depth / 2, 1, kMostFar));
}

// Tasks to take with one visit to an injector that holds `queued`, for `workers` who feed from it:
// a fair share, but few enough that the rest find some.
constexpr uint32_t InjectorBatch(int64_t queued, uint32_t workers) {
  constexpr int64_t kMost = 64;
  return static_cast<uint32_t>(
      std::clamp<int64_t>(queued / (2 * int64_t{std::max(workers, 1u)}), 1, kMost));
}

// Whether the clock is read when an outside thread's `rank`-th task is queued, for the histogram of
// how long tasks wait: of the first thousand all, then one in sixteen.
constexpr bool SamplesQueueWait(uint64_t rank) { return rank < 1024 || rank % 16 == 0; }

// --- who sleeps ---------------------------------------------------------------------------------

struct IdleFacts {
  uint32_t sleeping = 0;   // announced or parked
  uint32_t searching = 0;  // awake, looking for work
};

// How many sleepers to wake, at most `most`, when `surplus` tasks are seen that nobody has taken
// yet (at least one: the one just published). A searcher will find a task, or recheck after it has
// announced that it sleeps, so each searcher stands for one task; with none awake, one must be
// woken (Go, Tokio). Beyond that there may be as many searchers as there are busy workers: the crew
// doubles with each wake latency while there is surplus, instead of growing by one.
constexpr uint32_t WakesFor(IdleFacts facts, uint32_t workers, int64_t surplus, uint32_t most) {
  if (facts.sleeping == 0 || surplus <= int64_t{facts.searching}) return 0;
  const uint32_t awake = workers - std::min(workers, facts.sleeping);
  const uint32_t busy = std::max(awake - std::min(awake, facts.searching), 1u);
  if (facts.searching >= busy) return 0;
  return static_cast<uint32_t>(
      std::min<int64_t>({surplus - facts.searching, busy - facts.searching, facts.sleeping, most}));
}

// While somebody searches somewhere: whether a task that was just sent to a node wakes one of that
// node's sleepers, of which there are `sleeping` among `workers`, when its injector holds `queued`.
// Each worker that is awake there will look into the injector once it is done; the spawner must not
// pay for a wake-up that it does not need. (With nobody searching somebody must be woken, see
// WakesFor, and then best one of these.)
constexpr bool WakesOnNode(uint32_t workers, uint32_t sleeping, int64_t queued) {
  return sleeping != 0 && queued > int64_t{workers} - sleeping;
}

// A Critical task comes from outside while every worker is busy: it would have to wait until one of
// them ends what it runs, so a spare is called in. That costs a thread's wake-up, for which the
// kernel may put another thread aside; so where many such tasks come one after the other not each
// of them calls. (A spare that serves sees those that do not, and stays until calls are made
// again.)
constexpr bool AllBusy(IdleFacts facts) { return facts.sleeping == 0 && facts.searching == 0; }

inline constexpr Nanos kBetweenCalls = 100'000;  // on average
inline constexpr int64_t kCallsAtOnce = 32;      // after a pause
// `due`: when the next call would come, had all calls so far kept that distance. The same after one
// more call `now`; nothing if that has to be left out. (The "generic cell rate algorithm" of ATM
// networks, ITU-T I.371.)
constexpr std::optional<Nanos> DueAfterCall(Nanos due, Nanos now) {
  if (due - now > (kCallsAtOnce - 1) * kBetweenCalls) return std::nullopt;
  return std::max(due, now) + kBetweenCalls;
}

// From when on a call is not left out.
constexpr Nanos NextCallAt(Nanos due) { return due - (kCallsAtOnce - 1) * kBetweenCalls; }

// At most half of the awake workers search at a time: more only fight over the same victims.
constexpr bool MaySearch(IdleFacts facts, uint32_t workers) {
  const uint32_t awake = workers - std::min(workers, facts.sleeping);
  return 2 * facts.searching < std::max(awake, 1u);
}

// How long a thief waits for the owner of a deque to share, before it moves the split itself: about
// a quarter of what the system call for that costs (concurrent/deque.h).
inline constexpr Nanos kAnswerNanos = 1'000;

}  // namespace tally
