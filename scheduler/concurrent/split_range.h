// A range of pieces of work of which the owner takes the next, and a thief the upper half of what
// is left.
//
// Conflict: the owner takes a piece every few nanoseconds, so it can afford no fence and no
// read-modify-write; yet a thief must be able to take pieces away while the owner sits in a long
// one. Idea: the owner writes `next` and reads `end`; a thief asks by making `end` negative, so
// that the owner's one comparison fails, and the owner, who is between two pieces, hands over half
// in a few instructions. If it does not answer, because its piece is long, the thief pays: a heavy
// fence, then another look at `next`, then it takes the half itself. Price: a thief waits up to
// kAnswerNanos, and interrupts the owner with the heavy fence if that was not enough.
//
// Why each piece is taken once. Owner: O1 next = last; light fence; O2 read end; has the pieces if
// last <= end. Thief: T1 end = asked (CAS); heavy fence; T2 read next; T3 end = middle >= next
// (CAS). The fences forbid that O2 misses T1 *and* T2 misses O1. If T2 sees O1, middle is not below
// what the owner has taken. If O2 sees T1, the owner answers with a CAS on the same word as T3, and
// one of the two fails: either the thief has fixed a middle at or above all that the owner has
// announced, or the thief finds the owner's answer. Whatever the owner does to `end` besides (close
// it, open it with other pieces, which are never the old ones) makes T3 fail too. Pieces below
// `end` that are not announced belong to the owner, those from `end` on never come back to it.
//
// Nobody waits for somebody who may be preempted: the owner never waits; of several thieves one has
// the claim, and the others go away with kLost.
//
// The asymmetric protocol is that of a split deque whose thieves may move the split (after van Dijk
// and van de Pol, "Lace: non-blocking split deque for work-stealing", Euro-Par 2014); lazy
// splitting after Tzannes, Caragea, Barua and Vishkin, "Lazy binary splitting", PPoPP 2010.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "numa/ids.h"
#include "scheduler/concurrent/taken.h"

namespace tally {

// Pieces [first, last).
struct Pieces {
  int64_t first = 0;
  int64_t last = 0;
  bool empty() const { return first >= last; }
  friend bool operator==(const Pieces&, const Pieces&) = default;
};

// Piece numbers are from 0 to kMostPieces. `kAnswerNanos`: how long a thief waits for the owner's
// answer, about what the heavy fence costs thief and owner (a few microseconds on the machines this
// was measured on).
template <class W, Nanos kAnswerNanos = 4'000>
class SplitRange {
 public:
  static constexpr int64_t kMostPieces = int64_t{1} << 62;

  // Closed: nothing to take.
  SplitRange() = default;
  SplitRange(const SplitRange&) = delete;
  SplitRange& operator=(const SplitRange&) = delete;

  // What only the owner may do; one at a time. Its copy of `next` stays in a register.
  class Owner {
   public:
    // Fills the range, which is closed, with pieces that it has not had before.
    Owner(SplitRange& range, Pieces pieces) : range_(range), next_(pieces.first) {
      // relaxed: published by `end_`.
      range_.next_.store(next_, std::memory_order_relaxed);
      // release: pairs with the acquire in Left() and Steal(). acquire, and an exchange: if
      // Cancel() came first, what its caller wrote before it is visible after this.
      (void)range_.end_.exchange(pieces.last, std::memory_order_acq_rel);
    }

    // The next pieces, `most` > 0 or fewer. Empty: there are none; the range is closed.
    Pieces Take(int64_t most) {
      const int64_t first = next_;
      // Who takes on past the end may come to the end of the numbers.
      if (__builtin_add_overflow(first, most, &next_)) next_ = INT64_MAX;
      range_.next_.store(next_, std::memory_order_relaxed);  // O1; ordered by the fences
      W::LightFence();
      const int64_t end = range_.end_.load(std::memory_order_relaxed);  // O2
      if (__builtin_expect(next_ <= end, 1)) return {first, next_};
      return range_.TakeSlowly(first, next_, end);
    }

    // The first of them.
    int64_t next() const { return next_; }

    // Gives up what is left.
    void Close() { range_.Close(); }

   private:
    SplitRange& range_;
    int64_t next_;
  };

  // --- anybody's side ---------------------------------------------------------------------------

  // How many pieces a thief could have found a moment ago. None while another thief is at it.
  int64_t Left() const {
    if (claim_.load(std::memory_order_relaxed) != 0) return 0;  // a look
    // acquire: pairs with the exchange in Owner: with an `end` comes a `next` that is as new.
    const int64_t end = end_.load(std::memory_order_acquire);
    if (end <= 0) return 0;
    const int64_t next = next_.load(std::memory_order_relaxed);  // a look
    return std::max<int64_t>(end - next, 0);
  }

  // The upper half of the pieces that the owner has not taken, rounded up. kEmpty: there were none.
  // kLost: another thief is at it, or the owner has just filled the range anew.
  Attempt Steal(Pieces& stolen) {
    uint32_t nobody = 0;
    // acquire: pairs with the release below: the thief before us has read its answer.
    if (!claim_.compare_exchange_strong(nobody, 1, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      return Attempt::kLost;
    }
    const Attempt attempt = StealClaimed(stolen);
    // release: pairs with the acquire above.
    claim_.store(0, std::memory_order_release);
    return attempt;
  }

  // Nobody takes any more of it, until the owner fills it anew.
  void Cancel() {
    // acq_rel: pairs with the exchange in Owner.
    (void)end_.exchange(kCancelled, std::memory_order_acq_rel);
  }

 private:
  // `end_` says: how far the owner may go, if it is not negative. Else a thief asks, and its lower
  // bits say how far; or there is nothing.
  static constexpr int64_t kClosed = 0;
  static constexpr int64_t kCancelled = INT64_MIN;
  static constexpr int64_t kNothing = -1;  // in `answer_`
  static constexpr int64_t Asked(int64_t end) { return -end; }

  // The owner has announced [first, last), but `end` forbids it, or a thief asks.
  [[gnu::noinline]] Pieces TakeSlowly(int64_t first, int64_t last, int64_t end) {
    while (end < 0 && end != kCancelled) {
      const int64_t asked_end = -end;
      const int64_t middle = last < asked_end ? last + (asked_end - last) / 2 : asked_end;
      // relaxed: published by the CAS. Should it fail, the thief has taken its half itself, and
      // nobody reads this.
      answer_.store(middle < asked_end ? middle : kNothing, std::memory_order_relaxed);
      // release: pairs with the acquire of the thief that sees it.
      if (end_.compare_exchange_strong(end, middle, std::memory_order_release,
                                       std::memory_order_relaxed)) {
        end = middle;
      }
    }
    if (last <= end) return {first, last};
    if (first < end) return {first, end};
    Close();
    return {};
  }

  void Close() {
    int64_t end = end_.load(std::memory_order_relaxed);
    do {
      if (end == kCancelled) return;
      // A thief that asks gets nothing. Only then: the answer to an earlier one may not be read
      // yet.
      if (end < 0) answer_.store(kNothing, std::memory_order_relaxed);
      // release: pairs with the acquire of the thief that sees it.
    } while (!end_.compare_exchange_strong(end, kClosed, std::memory_order_release,
                                           std::memory_order_relaxed));
  }

  Attempt StealClaimed(Pieces& stolen) {
    // acquire: as in Left().
    int64_t end = end_.load(std::memory_order_acquire);
    if (end <= 0 || next_.load(std::memory_order_relaxed) >= end) return Attempt::kEmpty;
    // relaxed: published by the CAS.
    answer_.store(kNothing, std::memory_order_relaxed);
    const int64_t asked = Asked(end);
    // T1. seq_cst: stays before the heavy fence; release half publishes `answer_`.
    if (!end_.compare_exchange_strong(end, asked, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return Attempt::kLost;
    }
    const Nanos give_up = W::Now() + kAnswerNanos;
    do {
      W::SpinPause();
      // acquire: pairs with the owner's answer.
      const int64_t now = end_.load(std::memory_order_acquire);
      if (now != asked) return ReadAnswer(now, end, stolen);
    } while (W::Now() < give_up);
    W::HeavyFence();
    const int64_t next = next_.load(std::memory_order_relaxed);  // T2; ordered by the fences
    const int64_t middle = next < end ? next + (end - next) / 2 : end;
    int64_t now = asked;
    // T3. acq_rel: the owner's next CAS must find us done with `next_`; acquire as above.
    if (!end_.compare_exchange_strong(now, middle, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      return ReadAnswer(now, end, stolen);
    }
    stolen = {middle, end};
    return stolen.empty() ? Attempt::kEmpty : Attempt::kTaken;
  }

  // `now` is what `end_` became while we asked.
  Attempt ReadAnswer(int64_t now, int64_t end, Pieces& stolen) {
    if (now == kCancelled) return Attempt::kEmpty;
    const int64_t middle = answer_.load(std::memory_order_relaxed);  // acquired with `now`
    if (middle == kNothing) return Attempt::kEmpty;
    stolen = {middle, end};
    return Attempt::kTaken;
  }

  // One line: the owner has it to itself until a thief comes, and then the thief needs all of it.
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<int64_t> next_{line_, 0};
  typename W::template Atomic<int64_t> end_{line_, kClosed};
  // Written by the one thief that has the claim; then, if it asks, by the owner.
  typename W::template Atomic<int64_t> answer_{line_, kNothing};
  typename W::template Atomic<uint32_t> claim_{line_, 0};
};

}  // namespace tally
