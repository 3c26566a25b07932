// Who sleeps and who searches: the meeting point of workers that find nothing and threads that have
// something.
//
// Conflict: publishing work is frequent and must not pay for sleeping, which is rare; yet no
// wake-up may be lost. Idea: the price is on the sleeper. It announces itself, passes a heavy
// fence, looks once more everywhere, and only then parks. A publisher passes a light fence (free
// where membarrier(2) exists) and reads one word.
//
// Two words. One counts who sleeps and who searches; workers that go to and fro write it all the
// time. The other says whether anybody sleeps at all: it is written when the first one falls asleep
// or the last is woken, and it is all that a publisher reads while nobody sleeps. (With one word
// for both, every search dirtied the line that every push reads: docs/decisions/scheduler.md.)
//
// Why no wake-up is lost. Publisher: P1 publish; light fence; P2 read words. Sleeper: S1 announce
// in words; heavy fence; S2 look everywhere. The fences forbid that P2 misses S1 *and* S2 misses
// P1. If P2 sees S1, the publisher claims a sleeper. If P2 sees a searcher instead, that searcher
// will either find the work or come to its own S1 and S2 later. And a searcher that finds *other*
// work and is the last one learns so from StopSearching(): it then looks (full fence first) for
// more and wakes another. That fence pairs with a full one of the publisher's, which it passes once
// the second word has told it that somebody sleeps: with nobody asleep there is nobody to wake.
// Only the first sleeper writes the second word. While it is on its way there, a publisher may miss
// those who sleep beside it; but then the first one has not looked yet, and will see P1.
//
// Rejected: a heavy fence of the last searcher's instead of the two full ones (a worker that had
// just been woken passed it before its task; publishers pass theirs only while somebody sleeps), an
// event count per worker (a publisher must choose before it knows who sleeps), one per
// L3 (see there, too) and timed parks (correctness would rest on a timeout, and idle would cost
// CPU).
//
// The bitmap is by seat (policy/victims.h), so that the nearest sleepers are found by scanning
// ranges of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/victims.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W>
class Sleepers {
 public:
  static constexpr uint32_t kNobody = UINT32_MAX;

  explicit Sleepers(uint32_t seats)
      : seats_(seats), bits_(std::make_unique<Word[]>((seats + 63) / 64)) {}

  // --- searching --------------------------------------------------------------------------------

  // True: the caller now counts as a searcher.
  bool TryStartSearching(uint32_t workers) {
    // relaxed, twice: a count to throttle by; nothing is published with it.
    const uint64_t word = idle_.load(std::memory_order_relaxed);
    if (!MaySearch(Unpack(word), workers)) return false;
    StartSearching();
    return true;
  }
  void StartSearching() { idle_.fetch_add(kOneSearching, std::memory_order_relaxed); }

  // The caller found work. Returns who is left. If nobody searches any more but somebody sleeps,
  // the caller must see to it that work it has not taken wakes somebody (see above).
  [[nodiscard]] IdleFacts StopSearching() {
    // seq_cst: a publisher that still sees us as a searcher must be seen after our full fence.
    return Unpack(idle_.fetch_sub(kOneSearching, std::memory_order_seq_cst) - kOneSearching);
  }

  // --- sleeping ---------------------------------------------------------------------------------

  // S1. The caller, a searcher or not, says that it is about to sleep. It must look everywhere
  // next. Its bit comes last: who claims it finds it counted.
  void Announce(uint32_t seat, bool was_searching) {
    const uint64_t change = kOneSleeping - (was_searching ? kOneSearching : 0);
    // seq_cst, twice: pairs with StopSearching() of the others.
    const uint64_t before = idle_.fetch_add(change, std::memory_order_seq_cst);
    if (SleepersIn(before) == 0) any_asleep_.fetch_add(1, std::memory_order_seq_cst);
    // release: pairs with the acquire in Claim().
    bits_[seat / 64].bits.fetch_or(Bit(seat), std::memory_order_release);
    W::HeavyFence();
  }

  // True: the caller is awake again by its own decision. False: a waker was faster; the caller is
  // awake all the same, counts as a searcher, and a token is on its way to its parker.
  [[nodiscard]] bool Retract(uint32_t seat) {
    if (!TakeBit(seat)) return false;
    SleepsNoMore(0);
    return true;
  }

  // Whether nobody has claimed the announced caller. acquire: pairs with the release in Claim().
  bool StillAnnounced(uint32_t seat) const {
    return (bits_[seat / 64].bits.load(std::memory_order_acquire) & Bit(seat)) != 0;
  }

  // --- waking -----------------------------------------------------------------------------------

  // P2, after publishing: what WakesFor() needs to know. The common answer is that nobody sleeps.
  IdleFacts AfterPublishing() const {
    W::LightFence();
    return AnyAsleep() ? Facts() : IdleFacts{};
  }
  // The same in two steps, where W::LightFenceIsFree().
  TALLY_INLINE bool AnyAsleepAfterPublishingFreely() const {
    W::FreeLightFence();
    return AnyAsleep();
  }
  // relaxed: a look; whoever has published passes a fence first.
  TALLY_INLINE bool AnyAsleep() const { return any_asleep_.load(std::memory_order_relaxed) != 0; }
  // AnyAsleep() was true. The fence pairs with the one of the last searcher, after StopSearching().
  IdleFacts Facts() const {
    W::Fence(std::memory_order_seq_cst);
    return Unpack(idle_.load(std::memory_order_relaxed));  // relaxed: ordered by the fences
  }

  // The nearest sleeper in the order of `tiers`, now a searcher whom the caller must unpark;
  // kNobody if none is left.
  uint32_t Claim(const std::vector<Tier>& tiers) {
    for (const Tier& tier : tiers) {
      for (const SeatRange& range : tier.ranges) {
        const uint32_t seat = ClaimIn(range);
        if (seat != kNobody) return seat;
      }
    }
    return kNobody;
  }
  uint32_t ClaimAny() { return ClaimIn({0, seats_}); }
  // One of these seats.
  uint32_t ClaimIn(SeatRange range);
  // How many of these seats are announced, a moment ago.
  uint32_t SleepingIn(SeatRange range) const;

  // A worker that is parked in a wait, but could help the worker at whose door it left its name
  // (Worker::helper), counts as sleeping so that publishers look there.
  // relaxed: a note that only makes helping quicker. It does not look again, so it counts for
  // itself alone in the second word.
  void HelperParks() {
    idle_.fetch_add(kOneHelper, std::memory_order_relaxed);
    any_asleep_.fetch_add(1, std::memory_order_relaxed);
  }
  void HelperWakes() {
    idle_.fetch_sub(kOneHelper, std::memory_order_relaxed);
    any_asleep_.fetch_sub(1, std::memory_order_relaxed);
  }

  // Who might take what is about to be published, without parked helpers, who take none of it.
  // relaxed: for a decision that may be late.
  IdleFacts Takers() const {
    const uint64_t word = idle_.load(std::memory_order_relaxed);
    return {.sleeping = SleepersIn(word), .searching = Unpack(word).searching};
  }

  IdleFacts PeekFacts() const { return Unpack(idle_.Peek()); }

 private:
  // The first word: from low to high, sleepers, parked helpers and searchers.
  static constexpr int kHelperShift = 16, kSearchingShift = 32;
  static constexpr uint64_t kOneSleeping = 1;
  static constexpr uint64_t kOneHelper = uint64_t{1} << kHelperShift;
  static constexpr uint64_t kOneSearching = uint64_t{1} << kSearchingShift;

  static uint32_t SleepersIn(uint64_t word) { return static_cast<uint16_t>(word); }
  static IdleFacts Unpack(uint64_t word) {
    const uint32_t helpers = static_cast<uint16_t>(word >> kHelperShift);
    return {.sleeping = SleepersIn(word) + helpers,
            .searching = static_cast<uint32_t>(word >> kSearchingShift)};
  }
  static uint64_t Bit(uint32_t seat) { return uint64_t{1} << (seat % 64); }

  // `searching`: what else to add.
  void SleepsNoMore(uint64_t searching) {
    // relaxed, twice: counts.
    const uint64_t before = idle_.fetch_add(searching - kOneSleeping, std::memory_order_relaxed);
    if (SleepersIn(before) == 1) any_asleep_.fetch_sub(1, std::memory_order_relaxed);
  }

  // Whoever clears a bit has the sleeper.
  bool TakeBit(uint32_t seat) {
    // acq_rel: acquire pairs with Announce(), release with StillAnnounced().
    const uint64_t before = bits_[seat / 64].bits.fetch_and(~Bit(seat), std::memory_order_acq_rel);
    return (before & Bit(seat)) != 0;
  }

  struct alignas(W::kLineBytes) Word {
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<uint64_t> bits{line, 0};
  };

  [[no_unique_address]] typename W::Line idle_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint64_t> idle_{idle_line_, 0};
  // 1 if any worker sleeps, and 1 for each parked helper.
  [[no_unique_address]] typename W::Line any_asleep_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint32_t> any_asleep_{any_asleep_line_, 0};
  alignas(W::kLineBytes) const uint32_t seats_;
  std::unique_ptr<Word[]> bits_;
};

template <class W>
uint32_t Sleepers<W>::ClaimIn(SeatRange range) {
  for (uint32_t seat = range.first; seat < range.last;) {
    // relaxed: only a look; TakeBit() decides.
    uint64_t bits = bits_[seat / 64].bits.load(std::memory_order_relaxed);
    bits &= ~uint64_t{0} << (seat % 64);
    const uint32_t word_first = seat / 64 * 64;
    if (bits == 0) {
      seat = word_first + 64;
      continue;
    }
    const uint32_t found = word_first + static_cast<uint32_t>(std::countr_zero(bits));
    if (found >= range.last) return kNobody;
    if (TakeBit(found)) {
      SleepsNoMore(kOneSearching);  // the claimed worker is woken through its parker
      return found;
    }
    seat = found + 1;
  }
  return kNobody;
}

template <class W>
uint32_t Sleepers<W>::SleepingIn(SeatRange range) const {
  uint32_t sleeping = 0;
  for (uint32_t first = range.first; first < range.last;) {
    const uint32_t last = std::min(range.last, first / 64 * 64 + 64);
    // relaxed: a count for a decision that may be late.
    uint64_t bits = bits_[first / 64].bits.load(std::memory_order_relaxed) >> (first % 64);
    if (last - first < 64) bits &= (uint64_t{1} << (last - first)) - 1;
    sleeping += static_cast<uint32_t>(std::popcount(bits));
    first = last;
  }
  return sleeping;
}

}  // namespace tally
