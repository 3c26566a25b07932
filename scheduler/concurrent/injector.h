// A node's queue of one priority level: any thread pushes, the workers take, first in first out.
//
// Conflict: producers outside must never wait for a worker, and no worker for another. Idea:
// pushing is one CAS onto a stack of newcomers; whoever holds the takers' flag turns the whole
// stack round into a list that only the holder touches. Not getting the flag is Lost, never a wait.
// Price: one taker at a time, so takers take several.
//
// T has a member `typename W::template Plain<T*> next`, which belongs to the injector while the
// task is in it.
#pragma once

#include <atomic>
#include <cstdint>

#include "scheduler/concurrent/taken.h"

namespace tally {

template <class W, class T>
class Injector {
 public:
  Injector() = default;
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  void Push(T* task) { PushChain(task, task, 1); }

  // `count` tasks at once, from `newest` to `oldest`: each linked by `next` to the one that is to
  // come out before it.
  void PushChain(T* newest, T* oldest, int64_t count) {
    T* before = newcomers_.load(std::memory_order_relaxed);
    do {
      oldest->next.Write() = before;
      // release: pairs with the exchange in Take(); publishes the tasks.
    } while (!newcomers_.compare_exchange_strong(before, newest, std::memory_order_release,
                                                 std::memory_order_relaxed));
    // After the push, so that a pusher who sees nobody asleep has been counted before the last
    // sleeper's recheck (Sleepers). relaxed: that order is the fence's business.
    queued_.fetch_add(count, std::memory_order_relaxed);
  }

  // Takes up to `most` tasks, oldest first, as a chain linked by `next` (nullptr at its end).
  Taken<T> Take(uint32_t most) {
    if (Queued() <= 0) return Taken<T>::Empty();
    // relaxed: only a look, to leave a held flag's line alone.
    if (held_.load(std::memory_order_relaxed) != 0) return Taken<T>::Lost();
    // acquire: pairs with the release below; the list is then ours.
    if (held_.exchange(1, std::memory_order_acquire) != 0) return Taken<T>::Lost();
    T* first = oldest_.Read();
    if (first == nullptr) first = TurnRound();
    T* last = nullptr;
    uint32_t count = 0;
    T* rest = first;
    for (; count < most && rest != nullptr; ++count) {
      last = rest;
      rest = rest->next.Read();
    }
    if (last != nullptr) last->next.Write() = nullptr;
    oldest_.Write() = rest;
    // release: pairs with the acquire above.
    held_.store(0, std::memory_order_release);
    if (count == 0) return Taken<T>::Empty();
    queued_.fetch_sub(count, std::memory_order_relaxed);  // relaxed: see Push()
    return Taken<T>::Of(first);
  }

  // The oldest task, if `wanted(task)`; else nullptr, also if others are at it.
  template <class F>
  T* TakeOldestIf(const F& wanted) {
    if (Queued() <= 0 || held_.load(std::memory_order_relaxed) != 0) return nullptr;  // as Take()
    // acquire: pairs with the release below and in Take().
    if (held_.exchange(1, std::memory_order_acquire) != 0) return nullptr;
    T* oldest = oldest_.Read();
    if (oldest == nullptr) oldest = TurnRound();
    T* const taken = oldest != nullptr && wanted(*oldest) ? oldest : nullptr;
    oldest_.Write() = taken != nullptr ? taken->next.Read() : oldest;
    // release: pairs with the acquires.
    held_.store(0, std::memory_order_release);
    if (taken != nullptr) queued_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: see Push()
    return taken;
  }

  // Tasks inside, a moment ago. Below zero while a taker was faster than its pusher's count.
  int64_t Queued() const { return queued_.load(std::memory_order_relaxed); }
  // The same for pictures.
  int64_t PeekQueued() const { return queued_.Peek(); }

 private:
  // All newcomers, oldest first. The flag is held.
  T* TurnRound() {
    // acquire: pairs with the release in Push().
    T* newest = newcomers_.exchange(nullptr, std::memory_order_acquire);
    T* turned = nullptr;
    while (newest != nullptr) {
      T* older = newest->next.Read();
      newest->next.Write() = turned;
      turned = newest;
      newest = older;
    }
    return turned;
  }

  [[no_unique_address]] typename W::Line producers_line_;
  alignas(W::kLineBytes) typename W::template Atomic<T*> newcomers_{producers_line_, nullptr};
  typename W::template Atomic<int64_t> queued_{producers_line_, 0};
  [[no_unique_address]] typename W::Line takers_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint32_t> held_{takers_line_, 0};
  typename W::template Plain<T*> oldest_;
};

}  // namespace tally
