// Workers that stand in for those whose task blocks, or who are too busy for a Critical task.
//
// Conflict: a worker cannot leave a stack that has a task on it, nor lend its deques, which only
// their owner may touch. Idea: a spare is a whole worker, with deques and a thread of its own, that
// rests until it is called in and again as soon as more spares serve than tasks block
// (policy/stand_ins.h). Price: until the spare has ended what it runs there is one thread more than
// there are workers; and spares are counted in advance, for who looks at whom is fixed when the
// crew starts.
//
// Why nobody is forgotten. Who blocks and who rests are in one word, so at each moment either at
// least as many spares serve as tasks block, or none rests. Who takes a spare's bit alone wakes it,
// by a token that waits if the spare has not parked yet; a spare sets its bit only after it has
// handed over what it had queued, and serves on if the swap fails because somebody has begun to
// block. A spare that sleeps for want of work while too many serve is left asleep; who wakes it for
// a task wakes a searcher that rests at once, and like any searcher that stops (Worker::HandOver)
// it looks for what is queued and wakes another.
//
// Who blocks alone counts as parked in a wait (Crew::blocked), for those who wait must know that
// nobody comes to help.
//
// For a Critical task an outside thread takes a resting spare's bit, publishes the task, and wakes
// the spare, or starts its thread. That one serves though nobody blocks; as long as too many serve
// it takes nothing but Critical tasks, and then rests. Who begins to block meanwhile has it for a
// stand-in (kBetweenCalls later at worst, if it sleeps until calls are made again).
//
// Rejected: a stand-in for each scope, dismissed by it (it may be in a long task, and a second
// scope then needs to know whether it is still going or gone: three states and a spin); starting a
// thread for each scope; letting the spare take over the blocked worker's deques.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "numa/ids.h"
#include "scheduler/policy/dispatch.h"
#include "scheduler/policy/stand_ins.h"
#include "scheduler/runtime/crew.h"

namespace tally {

template <class W>
class Spares {
 public:
  // Starts a thread for spare `index`, whose body is Serve(index): before its first service.
  using StartThread = std::function<absl::Status(uint32_t index)>;

  // Whether an outside thread, which calls this and submits a task, may start one. (Finish() starts
  // what it needs.)
  using MayStart = std::function<bool()>;

  // The worker whose PU the calling thread is on; kNobody: unknown, or none. A thread is woken
  // fastest where its waker runs.
  using Here = std::function<uint32_t()>;

  Spares(Crew<W>& crew, uint32_t count, StartThread start, MayStart may_start, Here here,
         uint32_t helpers = 0)
      : crew_(crew),
        count_(count),
        most_helpers_(helpers),
        slots_(std::make_unique<Slot[]>(count)),
        start_(std::move(start)),
        may_start_(std::move(may_start)),
        here_(std::move(here)),
        state_(line_, StandIns(count).Pack()) {}
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;

  uint32_t count() const { return count_; }
  WorkerId IdOf(uint32_t index) const { return WorkerId(static_cast<int32_t>(crew_.size + index)); }
  // How many more threads there are than workers, but for those that block; a moment ago.
  // seq_cst: pairs with Change().
  uint32_t Extra() const {
    if (count_ == 0) return 0;
    return Extra(StandIns::Unpack(state_.load(std::memory_order_seq_cst)));
  }

  // --- who blocks -------------------------------------------------------------------------------

  // A task of worker `who` begins to block. False: nobody stands in.
  bool Enter(WorkerId who) {
    uint32_t called = StandIns::kNobody;
    const uint32_t here = here_();
    const uint32_t at = here != StandIns::kNobody ? here : static_cast<uint32_t>(who.value());
    const StandIns now = Change([&](StandIns& state) {
      called = state.Enter(at, crew_.size, count_);
      return true;
    });
    if (called == StandIns::kNobody) return now.Alone(count_) == 0;
    return CallIn(called);
  }
  // ... goes on.
  void Leave() {
    Change([](StandIns& state) {
      state.Leave();
      return true;
    });
  }

  // --- a Critical task while everybody is busy --------------------------------------------------

  // By an outside thread that publishes it next, for `node`, and then calls the spare in. kNobody:
  // none rests, or none should come (policy/dispatch.h). In the moment in which the last one goes
  // to rest it may be missed; the task then waits for a worker.
  uint32_t ReserveForCritical(NodeId node) {
    const uint64_t rest = Look().resting();
    if (rest == 0 || !AllBusy(crew_.sleepers.Takers())) return StandIns::kNobody;
    // relaxed, also below: whose thread has just been started is not called this once.
    if ((rest & threads_.load(std::memory_order_relaxed)) == 0 && !may_start_()) {
      return StandIns::kNobody;
    }
    // relaxed, twice: of those who come at the same time one calls, and publishes nothing by it.
    Nanos due = next_call_due_.load(std::memory_order_relaxed);
    std::optional<Nanos> after;
    do {
      after = DueAfterCall(due, W::Now());
      if (!after.has_value()) return StandIns::kNobody;
    } while (!next_call_due_.compare_exchange_strong(due, *after, std::memory_order_relaxed,
                                                     std::memory_order_relaxed));
    uint32_t reserved = StandIns::kNobody;
    const uint32_t here = here_();
    const auto choose = [&](uint64_t resting) {
      reserved = StandIns::RestingAt(resting, here, crew_.size, count_);
      if (reserved == StandIns::kNobody) reserved = RestingOn(node, resting);
    };
    Change([&](StandIns& state) {
      choose(state.resting());
      if (reserved == StandIns::kNobody) return false;
      const uint64_t threads = threads_.load(std::memory_order_relaxed);
      if ((threads >> reserved & 1) == 0 && !may_start_()) {
        choose(state.resting() & threads);
        if (reserved == StandIns::kNobody) return false;
      }
      state.CallIn(reserved);
      return true;
    });
    return reserved;
  }

  // Until when calls are left out, so that a spare that serves should not rest. relaxed: as above.
  Nanos NextCall() const { return NextCallAt(next_call_due_.load(std::memory_order_relaxed)); }

  // --- an outside thread that waits -------------------------------------------------------------

  bool AnyMayHelp() const { return most_helpers_ != 0; }
  // The spare that it is until EndHelp(); nullptr: none.
  Worker<W>* BeginHelp() {
    uint32_t index = StandIns::kNobody;
    Change([&](StandIns& state) {
      index = state.Help(most_helpers_);
      return index != StandIns::kNobody;
    });
    return index != StandIns::kNobody ? &crew_.At(IdOf(index)) : nullptr;
  }
  void EndHelp(const Worker<W>& spare) {
    Change([&](StandIns& state) {
      state.EndHelp(IndexOf(spare.id()));
      return true;
    });
    TellShutdown();
  }

  // --- a spare ----------------------------------------------------------------------------------

  // Whether it need not serve any more; then it may hand over what it has, and ask Rest().
  bool MayRest() const { return Look().AnyTooMany(count_); }
  // True: it rests.
  [[nodiscard]] bool Rest(WorkerId spare) {
    bool rests = false;
    Change([&](StandIns& state) {
      rests = state.TooMany(count_) != 0;
      if (rests) state.Rest(IndexOf(spare));
      return rests;
    });
    if (rests) TellShutdown();
    return rests;
  }

  // The body of its thread, from before its first call until Finish().
  void Serve(uint32_t index) {
    Slot& slot = slots_[index];
    do {
      // Not while its bit is gone: an outside thread may have that. acquire, both: pair with
      // CallIn() and Finish().
      while (slot.called.exchange(0, std::memory_order_acquire) == 0) {
        if (slot.dismissed.load(std::memory_order_acquire) != 0) return;
        slot.bell.Park();
      }
    } while (crew_.At(IdOf(index)).Run() == Crew<W>::Left::kToRest);
    // release: pairs with Quiet().
    left_.fetch_or(uint64_t{1} << index, std::memory_order_release);
    TellShutdown();
  }

  // --- the end ----------------------------------------------------------------------------------

  // The crew is stopping, and its other workers have left. Returns when all spares rest or have
  // left, and nothing is queued. Called in by each other they may serve until then. The last
  // outside thread that helped may have left something behind: that is a spare's to clear away.
  void Finish() {
    if (count_ == 0) return;
    while (!Quiet() || (crew_.AnyQueued() && CallInAny())) crew_.drained.Park();
    for (uint32_t index = 0; index < count_; ++index) {
      // release: pairs with Serve().
      slots_[index].dismissed.store(1, std::memory_order_release);
      slots_[index].bell.Unpark();
    }
  }

  // Its bit is ours, and with it the slot; until its thread runs, which may give it away at once.
  // Until then Finish() waits for it, so a thread may still be started. False: the kernel grants
  // none, and the spare rests again.
  bool CallIn(uint32_t index) {
    if (!HasThread(index)) return false;
    // release: pairs with Serve().
    slots_[index].called.store(1, std::memory_order_release);
    slots_[index].bell.Unpark();
    return true;
  }

 private:
  struct Slot {
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<uint32_t> called{line, 0};  // serves again
    typename W::template Atomic<uint32_t> dismissed{line, 0};
    typename W::Parker bell;
  };

  uint32_t Extra(const StandIns& state) const { return state.TooMany(count_) + state.helpers(); }
  uint32_t IndexOf(WorkerId spare) const { return spare.index() - crew_.size; }
  // acquire: pairs with Change().
  StandIns Look() const { return StandIns::Unpack(state_.load(std::memory_order_acquire)); }

  // `change` changes the state and says whether there is any change. Keeps the account of who is
  // blocked. Returns the new state.
  template <class F>
  StandIns Change(const F& change) {
    uint64_t word = state_.load(std::memory_order_acquire);
    StandIns before(0), after(0);
    do {
      before = after = StandIns::Unpack(word);
      if (!change(after)) return before;
      // seq_cst: of what is queued, of who blocks and of who waits, somebody sees all; pairs with
      // itself and with Worker::ParkInWait().
    } while (!state_.compare_exchange_strong(word, after.Pack(), std::memory_order_seq_cst,
                                             std::memory_order_acquire));
    // seq_cst, all: as above. Modulo 2^32.
    const uint32_t more_alone = after.Alone(count_) - before.Alone(count_);
    const uint32_t blocked = crew_.blocked.fetch_add(more_alone, std::memory_order_seq_cst);
    // Those who wait may have parked while one was left to run what is queued. Now none is?
    const uint32_t all = blocked + more_alone;
    if (all >= crew_.size && all >= crew_.size + Extra(after)) crew_.NudgeAll();
    return after;
  }

  // Its bit is ours. As CallIn().
  bool HasThread(uint32_t index) {
    const uint64_t bit = uint64_t{1} << index;
    // relaxed, twice: whoever had the spare before us has passed it on by its other bit.
    if ((threads_.load(std::memory_order_relaxed) & bit) != 0) return true;
    try {
      if (start_(index).ok()) {
        threads_.fetch_or(bit, std::memory_order_relaxed);
        return true;
      }
    } catch (...) {  // no memory for it
    }
    Change([index](StandIns& state) {
      state.Rest(index);
      return true;
    });
    TellShutdown();
    return false;
  }

  // One of these, of that node if one is.
  uint32_t RestingOn(NodeId node, uint64_t resting) const {
    for (uint64_t rest = resting; rest != 0; rest &= rest - 1) {
      const uint32_t index = static_cast<uint32_t>(std::countr_zero(rest));
      if (crew_.At(IdOf(index)).injector_node() == node) return index;
    }
    return resting != 0 ? static_cast<uint32_t>(std::countr_zero(resting)) : StandIns::kNobody;
  }

  // False: all have left, or the kernel grants no thread.
  bool CallInAny() {
    // acquire: as in Quiet().
    const uint64_t left = left_.load(std::memory_order_acquire);
    uint32_t called = StandIns::kNobody;
    Change([&](StandIns& state) {
      const uint64_t resting = state.resting() & ~left;
      called = resting != 0 ? static_cast<uint32_t>(std::countr_zero(resting)) : StandIns::kNobody;
      if (resting != 0) state.CallIn(called);
      return resting != 0;
    });
    return called != StandIns::kNobody && CallIn(called);
  }

  bool Quiet() const {
    // acquire: pairs with Serve(). First: who has left stays away, so at the moment of the look at
    // who rests nobody serves, and nobody is left to call anyone in.
    const uint64_t left = left_.load(std::memory_order_acquire);
    return (left | Look().resting()) == StandIns(count_).resting();
  }

  // Shutdown() may wait for who has just finished something, or for the end of all service.
  void TellShutdown() {
    W::LightFence();  // pairs with the heavy one in Shutdown()
    if (crew_.State() >= CrewState::kDraining) crew_.drained.Unpark();
  }

  Crew<W>& crew_;
  const uint32_t count_;
  const uint32_t most_helpers_;
  std::unique_ptr<Slot[]> slots_;
  const StartThread start_;
  const MayStart may_start_;
  const Here here_;
  [[no_unique_address]] typename W::Line line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint64_t> state_;  // StandIns
  typename W::template Atomic<uint64_t> left_{line_, 0};        // spares that have left for good
  typename W::template Atomic<uint64_t> threads_{line_, 0};     // spares that have theirs
  typename W::template Atomic<Nanos> next_call_due_{line_, 0};  // for Critical tasks
};

}  // namespace tally
