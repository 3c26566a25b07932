// A node's mailbox: tasks that were sent to it by name, to where their data is. Its workers take
// from it; others only once policy/affinity.h says so.
//
// Normal and Low tasks only: what is urgent goes to an injector, where anybody may take it at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "numa/check.h"
#include "numa/ids.h"
#include "scheduler/concurrent/injector.h"
#include "scheduler/policy/affinity.h"
#include "scheduler/runtime/task.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Mailbox {
 public:
  using Queue = Injector<W, Task<W>>;

  static constexpr bool Takes(int level) { return level >= kFirstLevel; }

  Queue& Of(int level) { return queues_[IndexOf(level)]; }
  const Queue& Of(int level) const { return queues_[IndexOf(level)]; }

  // The queue for tasks of this level, of which one is about to come.
  Queue& Receive(int level) {
    // The node's time begins with the first task. relaxed, here and below: rough measures.
    if (!Any()) served_.store(W::Now(), std::memory_order_relaxed);
    return Of(level);
  }

  // One of the node's own workers has taken a task.
  void Served() {
    const Nanos now = W::Now();
    const Nanos gap = now - served_.load(std::memory_order_relaxed);
    const Nanos pace = pace_.load(std::memory_order_relaxed);
    pace_.store(PaceAfter(pace, gap), std::memory_order_relaxed);
    served_.store(now, std::memory_order_relaxed);
  }

  // Whether workers of other nodes may take from it now. `coming()`: whether one of the node's own
  // has nothing else to do; asked only if it matters.
  template <class F>
  bool MayBeRobbed(Nanos patience, const F& coming) const {
    if (!Any()) return false;
    SentFacts facts{.queued = Queued()};
    facts.since_served = W::Now() - served_.load(std::memory_order_relaxed);
    facts.pace = pace_.load(std::memory_order_relaxed);
    if (!MayRobSent(facts, patience)) return false;
    facts.coming = coming();
    return MayRobSent(facts, patience);
  }

  bool Any() const {
    for (const Queue& queue : queues_) {
      if (queue.Any()) return true;
    }
    return false;
  }
  int64_t Queued() const {
    int64_t queued = 0;
    for (const Queue& queue : queues_) queued += queue.Queued();
    return queued;
  }
  int64_t PeekQueued() const {
    int64_t queued = 0;
    for (const Queue& queue : queues_) queued += queue.PeekQueued();
    return queued;
  }

 private:
  static constexpr int kFirstLevel = static_cast<int>(Priority::kNormal);

  static size_t IndexOf(int level) {
    TALLY_CHECK(Takes(level), "what is urgent waits for no node");
    return static_cast<size_t>(level - kFirstLevel);
  }

  std::array<Queue, kPriorities - kFirstLevel> queues_;
  [[no_unique_address]] typename W::Line line_;
  alignas(W::kLineBytes) typename W::template Atomic<Nanos> served_{line_, 0};
  typename W::template Atomic<Nanos> pace_{line_, 0};
};

}  // namespace tally
