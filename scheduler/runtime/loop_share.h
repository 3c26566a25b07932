// A participant's share of a parallel loop, and the shares that a worker keeps for its next loops.
#pragma once

#include <atomic>
#include <cstdint>

#include "scheduler/concurrent/split_range.h"

namespace tally {

template <class W>
class LoopShareList;

// Belongs to one loop until that is over, whoever holds it then, so that thieves may look at it at
// any time.
template <class W>
struct alignas(W::kLineBytes) LoopShare {
  // The loop's pieces that are its holder's to run.
  SplitRange<W> pieces;
  [[no_unique_address]] typename W::Line line;
  // 1: somebody works on this share. 0: it is free for the next participant.
  typename W::template Atomic<uint32_t> held{line, 0};
  // 1: a ticket that names this share is queued, or about to be.
  typename W::template Atomic<uint32_t> ticketed{line, 0};
  // In the loop's list, or a worker's. Not changed while the share is in the former.
  typename W::template Plain<LoopShare*> next;
  LoopShareList<W>* home = nullptr;  // where it goes after the loop; constant
};

// A worker's shares. Only it allocates; who ends a loop returns the shares of all who took part.
template <class W>
class LoopShareList {
 public:
  LoopShareList() = default;
  LoopShareList(const LoopShareList&) = delete;
  LoopShareList& operator=(const LoopShareList&) = delete;
  ~LoopShareList() {
    for (;;) {
      if (free_ == nullptr) Collect();
      if (free_ == nullptr) break;
      delete Pop();
    }
  }

  // Held, and with no ticket.
  LoopShare<W>* Allocate() {
    if (free_ == nullptr) Collect();
    LoopShare<W>* share;
    if (free_ != nullptr) {
      share = Pop();
    } else {
      share = new LoopShare<W>;
      share->home = this;
    }
    // relaxed, both: the loop's list publishes it.
    share->held.store(1, std::memory_order_relaxed);
    share->ticketed.store(0, std::memory_order_relaxed);
    return share;
  }

  // From any thread.
  void Return(LoopShare<W>* share) {
    LoopShare<W>* newest = returned_.load(std::memory_order_relaxed);
    do {
      share->next.Write() = newest;
      // release: pairs with the exchange in Collect().
    } while (!returned_.compare_exchange_strong(newest, share, std::memory_order_release,
                                                std::memory_order_relaxed));
  }

 private:
  // `free_` was empty. acquire: pairs with Return().
  void Collect() { free_ = returned_.exchange(nullptr, std::memory_order_acquire); }
  LoopShare<W>* Pop() {
    LoopShare<W>* const share = free_;
    free_ = share->next.Read();
    return share;
  }

  LoopShare<W>* free_ = nullptr;  // only the owner's
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<LoopShare<W>*> returned_{line_, nullptr};
};

}  // namespace tally
