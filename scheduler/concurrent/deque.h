// A worker's deque of one priority level: the owner pushes and pops at the bottom, thieves steal at
// the top.
//
// Conflict: the owner works here all the time and must pay neither a fence nor an atomic
// read-modify-write; thieves come rarely, but what a worker in a long task has queued must not be
// hidden from them. Idea: the tasks in [top, split) are shared, those in [split, bottom) are the
// owner's alone, so that it pops one of them by moving `bottom` and looking at `split`. A thief
// that finds nothing shared asks: it puts a claim into `split`, which makes the owner's next pop
// look closer. An owner that is popping answers at once and shares the older half. One that is
// inside a long task does not, so after a while the thief settles its claim itself, behind a heavy
// fence (membarrier(2)): whatever the owner popped without seeing the claim is visible by then.
// Price: a steal from a busy owner waits for its next pop, one from an idle owner costs a system
// call.
//
// Nobody waits for anybody: the owner retracts a claim with one CAS whenever it wants, and then the
// thief has lost. A claim carries the claimant's name, so that no other thief's can be taken for
// it, and the end of the shared part at which it was made, so that no later one of the same thief
// can: an owner that the kernel stops between its look at a claim and its answer may come back when
// the thief has settled it, stolen, and claimed again, and must not share what is gone by then.
//
// The split is from van Dijk and van de Pol, "Lace: non-blocking split deque for work-stealing",
// MuCoCoS 2014 (whose thieves can only ask); stealing from and taking back the shared part follow
// Chase and Lev, "Dynamic circular work-stealing deque", SPAA 2005, with `split` for their bottom.
// Bounded: no growth, so no reclamation; a full deque is the caller's to handle. Indices count
// pushes and never wrap (2^49 steals), so an index also says *when* something was pushed:
// everything at or above a remembered bottom is newer (see `oldest` below).
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

#include "numa/check.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W, class T>
class Deque {
 public:
  // Of claimants: 0 .. kMaxClaimants - 1.
  static constexpr uint32_t kMaxClaimants = (1u << 14) - 1;

  // `capacity` is a power of two, at least 2.
  explicit Deque(uint32_t capacity) : mask_(int64_t{capacity} - 1) {
    TALLY_CHECK(capacity >= 2 && std::has_single_bit(capacity), "capacity is a power of two");
    slots_ = std::make_unique<Slot[]>(capacity);
    limit_ = capacity;
  }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  uint32_t capacity() const { return static_cast<uint32_t>(mask_ + 1); }

  // --- the owner's side -------------------------------------------------------------------------

  // False: the deque is full, or closed; see Open().
  [[nodiscard]] bool TryPush(T* task) { return TryPushAt(NextIndex(), task); }
  // The same for who has asked for NextIndex() already.
  [[nodiscard]] bool TryPushAt(int64_t bottom, T* task) {
    if (bottom >= limit_) return false;
    // relaxed: published by `bottom_` below, and again by who moves `split_`.
    slots_[bottom & mask_].task.store(task, std::memory_order_relaxed);
    // release: pairs with the loads of `bottom_` in Settle() and Depth(); publishes slot and task.
    bottom_.store(bottom + 1, std::memory_order_release);
    return true;
  }

  // True: TryPush() will succeed once; only the owner can make that false again. Opens the deque if
  // it was closed. Reads the thieves' line only when the room that it knew of is used up, and does
  // not look again at once if the deque was full then: see OpenAtOnce().
  bool Open() {
    if (limit_ != 0 && bottom_.load(std::memory_order_relaxed) < limit_) return true;
    if (looks_off_ > 0) {
      --looks_off_;
      return false;
    }
    // acquire: pairs with the CAS in Steal(): the thief has read the slots that we may now reuse.
    const int64_t top = top_.load(std::memory_order_acquire);
    limit_ = top + mask_ + 1;
    const int64_t room = limit_ - bottom_.load(std::memory_order_relaxed);
    if (room <= 0) {
      patience_ = std::min(2 * patience_ + 1, kMostPatience);
      looks_off_ = patience_;
    } else if (room > mask_ / 4) {
      patience_ /= 8;  // or it is empty before we look; doubling it must not make up for this
    }
    return room > 0;
  }
  // Open() was false, and somebody could use what would be pushed.
  bool OpenAtOnce() {
    looks_off_ = 0;
    return Open();
  }
  // The next TryPush() fails, so that the owner has a place for what it wants to do before it.
  void Close() {
    limit_ = 0;
    looks_off_ = 0;
  }

  // After a push, by an owner that pushes more than it pops: shares everything if a thief asks, and
  // from then on in steps of an eighth of what there is, until the owner has to take something
  // back; so from a short deque at once. With `urgent` in any case.
  void Offer(bool urgent = false) {
    // acquire: pairs with Ask(), as in PopShared().
    uint64_t split = split_.load(std::memory_order_acquire);
    if (__builtin_expect(!IsClaim(split) && !urgent, 1)) {
      if (!generous_ || NextIndex() < next_offer_) return;
    }
    generous_ = true;
    const int64_t bottom = NextIndex();
    // release: pairs with the loads of `split_` by thieves. Failure: a claim came or was settled in
    // this moment, so that the next push is early enough.
    const bool shared = split_.compare_exchange_strong(
        split, Shared(bottom), std::memory_order_release, std::memory_order_relaxed);
    // relaxed: what is stolen meanwhile makes the step larger than need be, once.
    next_offer_ = bottom;
    if (shared) next_offer_ += (bottom - top_.load(std::memory_order_relaxed)) / 8;
  }

  // The newest task whose index is at least `oldest`; nullptr if there is none.
  T* Pop(int64_t oldest = 0) {
    const int64_t index = bottom_.load(std::memory_order_relaxed) - 1;  // only we write it
    if (index < oldest || !PopAt(index)) return nullptr;
    return slots_[index & mask_].task.load(std::memory_order_relaxed);
  }

  // Pops the newest task, which the caller knows, if it is the one with this index and the owner's
  // alone. False: ask Pop(index). Only where W::LightFenceIsFree().
  [[nodiscard]] TALLY_INLINE bool PopNewest(int64_t index) {
    if (bottom_.load(std::memory_order_relaxed) != index + 1) return false;
    bottom_.store(index, std::memory_order_relaxed);  // as in PopAt()
    W::FreeLightFence();
    if (IsPrivate(index)) {
      popped_newest_.Add(1);
      return true;
    }
    bottom_.store(index + 1, std::memory_order_release);  // as in TryPush()
    return false;
  }
  // The oldest task, as a thief would have it. One attempt.
  Taken<T> PopOldest() {
    // acquire: pairs with Ask(), as in PopShared().
    uint64_t split = split_.load(std::memory_order_acquire);
    const int64_t top = top_.load(std::memory_order_relaxed);  // Steal() looks closer
    if (IsClaim(split) || top >= IndexOf(split)) {
      // release: pairs with the loads of `split_` by thieves. Failure: a claim came or was settled.
      (void)split_.compare_exchange_strong(split, Shared(OlderHalf(top, NextIndex())),
                                           std::memory_order_release, std::memory_order_relaxed);
    }
    return Steal();
  }
  // How often PopNewest() was true. By anyone.
  uint64_t PoppedNewest() const { return popped_newest_.Read(); }

  // The index that the next push gets.
  int64_t NextIndex() const { return bottom_.load(std::memory_order_relaxed); }

  // --- anybody's side ---------------------------------------------------------------------------

  // The oldest task of the shared part, if its index is at least `oldest`. One attempt: kLost when
  // another was faster, or is asking the owner for more.
  Taken<T> Steal(int64_t oldest = 0) {
    // seq_cst, both: pairs with PopShared(). Either it sees our higher top, or we its lower split;
    // never neither. The second also acquires what the split's mover has published.
    int64_t top = top_.load(std::memory_order_seq_cst);
    const uint64_t split = split_.load(std::memory_order_seq_cst);
    if (IsClaim(split)) return Taken<T>::Lost();
    if (top >= IndexOf(split) || top < oldest) return Taken<T>::Empty();
    // Before the CAS: after it, the owner may reuse the slot.
    T* task = slots_[top & mask_].task.load(std::memory_order_relaxed);
    // seq_cst: pairs with PopShared()'s CAS and load; release half pairs with Open().
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return Taken<T>::Lost();
    }
    return Taken<T>::Of(task);
  }

  // When nothing is shared: asks the owner for more, and sees to it that the question is answered.
  // `patient()` is called while it is not, and says whether to go on waiting for the owner. False:
  // there is nothing to ask for, or somebody was faster.
  template <class Patient>
  [[nodiscard]] bool AskAndWait(uint32_t claimant, const Patient& patient) {
    const Claim claim = Ask(claimant);
    if (!claim) return false;
    while (Asking(claim)) {
      if (patient()) continue;
      Settle(claim);
      break;
    }
    return true;
  }

  // What Ask() has put into `split_`, if it has.
  class Claim {
   public:
    explicit operator bool() const { return word_ != 0; }

   private:
    friend class Deque;
    Claim() = default;
    Claim(uint32_t claimant, int64_t at)
        : word_(kAboveAll | static_cast<uint64_t>(at) << kNameBits | (claimant + 1)) {}
    uint64_t word_ = 0;
  };

  // Asks the owner to share, when it has tasks and none is shared. False: there is nothing to ask
  // for, or somebody was faster. Else wait a moment while Asking(), then Settle().
  [[nodiscard]] Claim Ask(uint32_t claimant) {
    uint64_t split = split_.load(std::memory_order_relaxed);  // relaxed: the CAS decides
    if (IsClaim(split)) return {};
    const int64_t shared_end = IndexOf(split);
    // relaxed, both: should top have been higher than that, the part was empty all the same, for it
    // never goes down; an old bottom makes us ask in vain.
    if (top_.load(std::memory_order_relaxed) < shared_end) return {};
    if (bottom_.load(std::memory_order_relaxed) <= shared_end) return {};
    const Claim claim(claimant, shared_end);
    // acq_rel: release pairs with PopShared(), acquire so that a later claim sees an earlier one's
    // outcome. With an empty shared part nobody moves `top_` until the claim is answered.
    const bool made = split_.compare_exchange_strong(split, claim.word_, std::memory_order_acq_rel,
                                                     std::memory_order_relaxed);
    return made ? claim : Claim();
  }

  // Whether the owner has not answered yet. acquire: pairs with its answer.
  bool Asking(Claim claim) const { return split_.load(std::memory_order_acquire) == claim.word_; }

  // Ends a claim that the owner has not answered: shares the older half of what it has. Whatever
  // happened, the claim is over afterwards.
  void Settle(Claim claim) {
    // Pairs with the light fence in PopAt(). An owner that did not see our claim when it popped has
    // made its lower bottom visible to us; one that pops later sees the claim, and retracts it.
    W::HeavyFence();
    const int64_t top = top_.load(std::memory_order_relaxed);  // stands still during a claim
    // acquire: pairs with TryPush().
    const int64_t bottom = bottom_.load(std::memory_order_acquire);
    // acq_rel: release passes what we have acquired from TryPush() on to other thieves. Failure
    // means that the owner was faster.
    (void)split_.compare_exchange_strong(claim.word_, Shared(OlderHalf(top, bottom)),
                                         std::memory_order_acq_rel, std::memory_order_relaxed);
  }

  // How many tasks there were a moment ago. acquire: what is then stolen is at least this new.
  int64_t Depth() const {
    const int64_t top = top_.load(std::memory_order_acquire);
    const int64_t bottom = bottom_.load(std::memory_order_acquire);
    return bottom > top ? bottom - top : 0;
  }

  // The same for pictures: see World's Peek().
  int64_t PeekDepth() const {
    const int64_t top = top_.Peek();
    const int64_t bottom = bottom_.Peek();
    return bottom > top ? bottom - top : 0;
  }

 private:
  struct Slot {
    // Slots are neighbours of each other, not of the indices.
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<T*> task{line, nullptr};
  };

  // `split_` is the end of the shared part, or a claim: an end above everything, and a name.
  static constexpr int kNameBits = 14;
  static constexpr uint64_t kAboveAll = uint64_t{1} << 63;
  static constexpr uint64_t Shared(int64_t end) { return static_cast<uint64_t>(end) << kNameBits; }
  static constexpr bool IsClaim(uint64_t split) { return (split & kMaxClaimants) != 0; }
  static constexpr int64_t IndexOf(uint64_t split) {
    return static_cast<int64_t>(split >> kNameBits);
  }
  // The end of the older half of [top, bottom), rounded up.
  static constexpr int64_t OlderHalf(int64_t top, int64_t bottom) {
    return bottom > top ? top + (bottom - top + 1) / 2 : top;
  }

  // `index` is that of the newest task. False: it was stolen, and so were all.
  bool PopAt(int64_t index) {
    // relaxed: seen by whoever sees the claim that we miss below; see Settle().
    bottom_.store(index, std::memory_order_relaxed);
    W::LightFence();
    return IsPrivate(index) || PopShared(index);
  }

  // After the light fence. relaxed: what we put there ourselves, a claim, or what one was settled
  // for.
  TALLY_INLINE bool IsPrivate(int64_t index) const {
    const uint64_t split = split_.load(std::memory_order_relaxed);
    return __builtin_expect(index >= IndexOf(split), 1);
  }

  // The rest of PopAt(), when a thief asks, or what was shared has to be taken back.
  [[gnu::noinline]] bool PopShared(int64_t index) {
    for (;;) {
      // acquire: pairs with Ask(): we see `top_` at least as high as the claimant did.
      uint64_t split = split_.load(std::memory_order_acquire);
      if (!IsClaim(split) && index >= IndexOf(split)) return true;
      if (IsClaim(split)) {
        const int64_t top = top_.load(std::memory_order_relaxed);  // stands still during a claim
        if (top > index) return GoneAt(index);
        // release: pairs with the loads of `split_` by thieves. Failure: settled in this moment.
        if (split_.compare_exchange_strong(split, Shared(OlderHalf(top, index)),
                                           std::memory_order_release, std::memory_order_relaxed)) {
          return true;
        }
        continue;
      }
      generous_ = false;
      // seq_cst, both: pairs with the two loads in Steal(), see there. Failure: a thief asks.
      if (!split_.compare_exchange_strong(split, Shared(index), std::memory_order_seq_cst,
                                          std::memory_order_relaxed)) {
        continue;
      }
      int64_t top = top_.load(std::memory_order_seq_cst);
      if (top < index) return true;
      // The last one: whoever moves `top_` has it. seq_cst: pairs with the CAS in Steal().
      const bool ours =
          top == index && top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                                       std::memory_order_relaxed);
      GoneAt(index);
      return ours;
    }
  }

  // Everything up to `index` is gone: the deque is empty, top is index + 1. Retracts a claim, if
  // there is one: nothing is left to ask for.
  bool GoneAt(int64_t index) {
    // relaxed: there is nothing to publish. In this order, so that a thief never sees a shared part
    // that ends above bottom.
    bottom_.store(index + 1, std::memory_order_relaxed);
    split_.store(Shared(index + 1), std::memory_order_release);  // as in PopShared()
    return false;
  }

  const int64_t mask_;
  std::unique_ptr<Slot[]> slots_;
  // The owner's line.
  [[no_unique_address]] typename W::Line bottom_line_;
  alignas(W::kLineBytes) typename W::template Atomic<int64_t> bottom_{bottom_line_, 0};
  typename W::Counter popped_newest_;
  bool generous_ = false;  // only the owner's: see Offer()
  int64_t limit_ = 0;  // only the owner's: where TryPush() must look closer; at most top + capacity
  int64_t next_offer_ = 0;  // only the owner's: the bottom at which Offer() shares again
  // Only the owner's: how often Open() still takes it that the deque is full, and how often it does
  // when it has found it full once more.
  int32_t looks_off_ = 0;
  int32_t patience_ = 0;
  static constexpr int32_t kMostPatience = 31;
  // Read by the owner, rarely written by thieves.
  [[no_unique_address]] typename W::Line split_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint64_t> split_{split_line_, 0};
  // The thieves' line.
  [[no_unique_address]] typename W::Line top_line_;
  alignas(W::kLineBytes) typename W::template Atomic<int64_t> top_{top_line_, 0};
};

}  // namespace tally
