// A parallel loop: pieces of work that any number of workers share out among themselves while they
// run.
//
// Conflict: a loop of short pieces must cost nanoseconds a piece, so pieces cannot be tasks; yet
// idle workers must find them by the means by which they find everything, and no piece that has not
// begun may be out of reach behind a long one. Idea: each participant has a *share*, a range of
// pieces that it takes one by one and that others may halve (concurrent/split_range.h). What is in
// the queues is a *ticket*, an ordinary task of the loop's group: whoever runs it takes half of the
// share that it names, or else of the largest, becomes a participant, and publishes two tickets,
// one for either half, so that helpers double. Price: tickets that come too late find nothing.
//
// Why no piece is left lying while somebody could run it. A ticket ends without having taken pieces
// only if every share was empty, or another thief was at it (who ends in the same way, or takes
// some). Who has taken pieces puts them into a share and then sees to it that a ticket for it, and
// one for the share that it robbed, is queued. So, as long as a share has pieces that nobody has
// begun, a ticket is queued, or somebody is about to queue one. The caller, who may not run every
// ticket while it waits (docs/waiting.md), looks at the shares itself before it parks, and whoever
// fills one later wakes it. The loop is over when its group is: each participant leaves only when
// its share is empty, and the ticket that it ran for ends then.
//
// Rejected: halving recursively down to the grain with a task for each half (about 40 ns a piece,
// where a share's piece takes one or two); a ticket that walks from worker to worker (one helper at
// a time); shares in an array by worker (room for 4096 in every loop).
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>

#include "numa/ids.h"
#include "scheduler/concurrent/split_range.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/policy/loop_pace.h"
#include "scheduler/runtime/frame.h"
#include "scheduler/runtime/join.h"
#include "scheduler/runtime/loop_share.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/spawn.h"
#include "scheduler/runtime/stop_token.h"
#include "scheduler/runtime/tracer.h"
#include "scheduler/runtime/worker.h"

namespace tally::internal {

// The shares of one loop, and how it ends.
template <class W>
class LoopShares {
 public:
  LoopShares() { first_.held.store(1, std::memory_order_relaxed); }  // by the loop's caller
  LoopShares(const LoopShares&) = delete;
  LoopShares& operator=(const LoopShares&) = delete;

  // The caller's.
  LoopShare<W>& first() { return first_; }

  // A share for the calling worker, until Leave().
  LoopShare<W>& Enter(Worker<W>& worker);
  void Leave(LoopShare<W>& share) {
    share.held.store(0, std::memory_order_release);  // pairs with the exchange in Enter()
  }

  // Half of what is left in `named`, or else in the share with the most; and whose that was. Empty:
  // there is nothing, or others are at it.
  Pieces Rob(LoopShare<W>* named, LoopShare<W>*& victim);

  // The first exception is kept, for after the loop.
  void Keep(std::exception_ptr exception) {
    // acq_rel: one winner, whose pointer is read when the loop's group is over.
    if (thrown_.exchange(1, std::memory_order_acq_rel) == 0) exception_.Write() = exception;
  }
  void Rethrow() {
    // relaxed: the loop is over.
    if (thrown_.load(std::memory_order_relaxed) != 0) std::rethrow_exception(exception_.Read());
  }

  // No piece begins any more, apart from those that are just being taken.
  void Cancel();
  // ... for nobody wants them, of which there was at least one.
  void Stop() {
    stopped_.store(1, std::memory_order_relaxed);  // read after the loop
    Cancel();
  }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed) != 0; }
  // seq_cst: pairs with Cancel(). Either it finds the share that we have just filled, or this is
  // true.
  bool cancelled() const { return cancelled_.load(std::memory_order_seq_cst) != 0; }

  // The caller waits, and is going to look for pieces: who fills a share later tells it.
  // acq_rel, both: of two exchanges the second one sees what was written before the first one.
  // Either we find the share filled, or who fills it finds this.
  void CallerLooks() { (void)caller_looks_.exchange(1, std::memory_order_acq_rel); }
  // We have filled a share. True: the caller has to be told.
  [[nodiscard]] bool CallerLooked() {
    return caller_looks_.exchange(0, std::memory_order_acq_rel) != 0;
  }

  // The loop is over: everything but the caller's share goes back.
  void Release() {
    // acquire: pairs with Enter().
    LoopShare<W>* share = list_.load(std::memory_order_acquire);
    while (share != &first_) {
      LoopShare<W>* const next = share->next.Read();
      share->home->Return(share);
      share = next;
    }
  }

 private:
  LoopShare<W> first_;
  [[no_unique_address]] typename W::Line line_;
  typename W::template Atomic<LoopShare<W>*> list_{line_, &first_};  // newest first
  typename W::template Atomic<uint32_t> cancelled_{line_, 0};
  typename W::template Atomic<uint32_t> thrown_{line_, 0};
  typename W::template Atomic<uint32_t> stopped_{line_, 0};
  typename W::template Atomic<uint32_t> caller_looks_{line_, 0};
  typename W::template Plain<std::exception_ptr> exception_;
};

template <class W>
LoopShare<W>& LoopShares<W>::Enter(Worker<W>& worker) {
  LoopShare<W>* const newest = list_.load(std::memory_order_acquire);  // pairs with the CAS below
  for (LoopShare<W>* share = newest; share != nullptr; share = share->next.Read()) {
    if (share->held.load(std::memory_order_relaxed) != 0) continue;  // a look
    // acquire: pairs with Leave().
    if (share->held.exchange(1, std::memory_order_acquire) == 0) return *share;
  }
  LoopShare<W>* const share = worker.loop_shares().Allocate();
  LoopShare<W>* next = newest;
  do {
    share->next.Write() = next;
    // seq_cst: pairs with Cancel(); release half with the acquire of who walks the list.
  } while (!list_.compare_exchange_strong(next, share, std::memory_order_seq_cst,
                                          std::memory_order_relaxed));
  return *share;
}

template <class W>
Pieces LoopShares<W>::Rob(LoopShare<W>* named, LoopShare<W>*& victim) {
  victim = named;
  for (;;) {
    Pieces stolen;
    if (victim != nullptr && victim->pieces.Left() > 0 &&
        victim->pieces.Steal(stolen) == Attempt::kTaken) {
      return stolen;
    }
    victim = nullptr;
    int64_t most = 0;
    // acquire: pairs with Enter().
    LoopShare<W>* share = list_.load(std::memory_order_acquire);
    for (; share != nullptr; share = share->next.Read()) {
      const int64_t left = share->pieces.Left();
      if (left <= most) continue;
      most = left;
      victim = share;
    }
    if (victim == nullptr) return {};
  }
}

template <class W>
void LoopShares<W>::Cancel() {
  cancelled_.store(1, std::memory_order_seq_cst);  // pairs with cancelled()
  // seq_cst: pairs with Enter().
  LoopShare<W>* share = list_.load(std::memory_order_seq_cst);
  for (; share != nullptr; share = share->next.Read()) share->pieces.Cancel();
}

// The tickets of a loop, which is over when they are. Its caller also looks at the shares while it
// waits.
template <class W>
class LoopJoin : public Join<W> {
 public:
  using Look = bool (*)(void* loop);  // false: there was nothing to do

  LoopJoin(Look look, void* loop) : look_(look), loop_(loop) {}
  bool TakePart() { return look_(loop_); }

 private:
  const Look look_;
  void* const loop_;
};

// `Run(from, to)` runs iterations [from, to) of [0, size), one after the other.
template <class W, class Run>
class Loop {
 public:
  // Pieces of `grain` iterations; 0: of one, of which a worker takes some at a time.
  Loop(Worker<W>& worker, uint64_t size, uint64_t grain, const Run& run, TaskName name,
       StopToken stop)
      : worker_(worker),
        size_(size),
        grain_(grain),
        run_(run),
        name_(name),
        stop_(stop),
        since_(worker.NextIndexes()),
        join_([](void* loop) { return static_cast<Loop*>(loop)->Look(); }, this) {
    join_.set_lineage(worker.NewLineage());
    if (!worker.tracer().on()) return;
    join_.set_id(GroupPedigree(worker.frame().id, worker.frame().groups++));
  }

  // Runs pieces [0, pieces): by the worker of the constructor, and all that come to help. Throws
  // the first exception that left one. False: stopped before all had begun.
  bool Go(int64_t pieces) {
    Participate(worker_, shares_.first(), {0, pieces}, nullptr);
    worker_.HelpUntil(join_, since_);
    shares_.Release();
    shares_.Rethrow();
    return !shares_.stopped();
  }

 private:
  // The caller waits. False: it has found nothing to do.
  bool Look() {
    shares_.CallerLooks();
    LoopShare<W>* victim = nullptr;
    const Pieces pieces = shares_.Rob(nullptr, victim);
    if (pieces.empty()) return false;
    Participate(worker_, shares_.first(), pieces, victim);
    return true;
  }

  // A ticket.
  void Help(LoopShare<W>& named) {
    // acq_rel: pairs with Publish(). Who found the ticket still queued has filled the share before.
    (void)named.ticketed.exchange(0, std::memory_order_acq_rel);
    LoopShare<W>* victim = nullptr;
    const Pieces pieces = shares_.Rob(&named, victim);
    if (pieces.empty()) return;
    Worker<W>& worker = *Worker<W>::Current();
    LoopShare<W>* share = nullptr;
    try {
      share = &shares_.Enter(worker);
    } catch (...) {  // no memory
      Fail();
      return;
    }
    Participate(worker, *share, pieces, victim);
    shares_.Leave(*share);
  }

  // In a handler.
  void Fail() {
    shares_.Keep(std::current_exception());
    shares_.Cancel();
  }

  // Runs `pieces`, which come from `victim`'s share, and whatever is left elsewhere afterwards.
  void Participate(Worker<W>& worker, LoopShare<W>& share, Pieces pieces, LoopShare<W>* victim) {
    LoopPace pace(size_, worker.crew().size);
    do {
      typename SplitRange<W>::Owner owner(share.pieces, pieces);
      if (shares_.cancelled()) {
        owner.Close();
        return;
      }
      if (&share != &shares_.first() && shares_.CallerLooked()) worker.WakeWaiter(worker_.id());
      try {
        if (victim != nullptr) Publish(worker, *victim);
        if (victim != nullptr || pieces.last - pieces.first > 1) Publish(worker, share);
        if (stop_.stop_possible()) {
          RunUntilStopped(owner, pace);
        } else {
          RunAll(owner, pace);
        }
      } catch (...) {
        Fail();
        return;
      }
      pieces = shares_.Rob(nullptr, victim);
    } while (!pieces.empty());
  }

  void RunAll(typename SplitRange<W>::Owner& owner, LoopPace& pace) {
    if (grain_ == 1) {
      for (Pieces next = owner.Take(1); !next.empty(); next = owner.Take(1)) {
        run_(static_cast<uint64_t>(next.first), static_cast<uint64_t>(next.last));
      }
    } else if (grain_ != 0) {
      for (Pieces next = owner.Take(1); !next.empty(); next = owner.Take(1)) {
        const uint64_t from = static_cast<uint64_t>(next.first) * grain_;
        run_(from, grain_ < size_ - from ? from + grain_ : size_);
      }
    } else {
      Nanos start = W::Now();
      const auto take = [&] { return owner.Take(pace.Next(owner.next())); };
      for (Pieces next = take(); !next.empty(); next = take()) {
        run_(static_cast<uint64_t>(next.first), static_cast<uint64_t>(next.last));
        const Nanos now = W::Now();
        pace.Took(now - start, next.last - next.first);
        start = now;
      }
    }
  }

  // The same, with a question before each piece.
  void RunUntilStopped(typename SplitRange<W>::Owner& owner, LoopPace& pace) {
    const uint64_t step = grain_ != 0 ? grain_ : 1;
    Nanos start = W::Now();
    for (;;) {
      const Pieces next = owner.Take(grain_ != 0 ? 1 : pace.Next(owner.next()));
      if (next.empty()) return;
      if (stop_.stop_requested()) {
        shares_.Stop();
        owner.Close();
        return;
      }
      const uint64_t from = static_cast<uint64_t>(next.first) * step;
      const uint64_t length = static_cast<uint64_t>(next.last - next.first) * step;
      run_(from, length < size_ - from ? from + length : size_);
      if (grain_ != 0) continue;
      const Nanos now = W::Now();
      pace.Took(now - start, next.last - next.first);
      start = now;
    }
  }

  // Sees to it that a ticket that names `share` is queued.
  void Publish(Worker<W>& worker, LoopShare<W>& share) {
    // acq_rel: pairs with Help().
    if (share.ticketed.exchange(1, std::memory_order_acq_rel) != 0) return;
    const auto ticket = [this, &share] { Help(share); };
    SpawnInside(worker, &join_, ticket, {.name = name_}, /*part=*/true);
  }

  Worker<W>& worker_;
  const uint64_t size_;
  const uint64_t grain_;
  const Run& run_;
  const TaskName name_;
  const StopToken stop_;
  LoopShares<W> shares_;
  const DequeIndexes since_;  // the worker's deques when the loop was made
  LoopJoin<W> join_;
};

}  // namespace tally::internal
