// A node's queue of one priority level: any thread pushes, the workers take, each thread's tasks
// first in first out.
//
// Conflict: producers outside must never wait for a worker, and no worker for another; nor should
// producers meet each other, or the workers who only want to know whether anything is there. Idea:
// a few doors, of which each thread prefers one, each with a stack of newcomers that is pushed to
// by one CAS; one word says which doors have some, and is all that is read by who looks. Whoever
// holds the takers' flag turns all stacks round into a list that only the holder touches. Not
// getting the flag is Lost, never a wait. Price: one taker at a time, so takers take several; and
// between two threads' tasks the order is that of their doors, not that of their pushes.
//
// Why the word never hides a task: a taker first clears the doors' bits, and in the same
// instruction says that there is a list; then it empties the doors. Who pushes after that has
// acquired what the taker did, so it finds its door's bit cleared and sets it. Who pushed before is
// on the list. A bit may be left at an empty door; the next taker clears it.
//
// Rejected: one exchange that cannot fail instead of the CAS (a producer that is preempted before
// it links its task hides the older ones), and one stack for all (n producers try n times).
//
// T has a member `typename W::template Plain<T*> next`, which belongs to the injector while the
// task is in it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
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
    const uint32_t number = W::ThreadNumber() % kDoors;
    Door& door = doors_[number];
    T* before = door.newcomers.load(std::memory_order_relaxed);
    do {
      oldest->next.Write() = before;
      // release publishes the tasks, acquire makes the look at `open_` see the taker before us:
      // both pair with the exchange in TurnRound().
    } while (!door.newcomers.compare_exchange_strong(before, newest, std::memory_order_acq_rel,
                                                     std::memory_order_relaxed));
    door.pushed.fetch_add(static_cast<uint64_t>(count), std::memory_order_relaxed);  // a statistic
    // After the push and before the caller looks for sleepers, whose recheck reads this word.
    // relaxed, twice: that order is their fences' business (Sleepers).
    if ((open_.load(std::memory_order_relaxed) & Bit(number)) == 0) {
      open_.fetch_or(Bit(number), std::memory_order_relaxed);
    }
  }

  // Takes batch(n) tasks, oldest first, as a chain linked by `next` (nullptr at its end), when the
  // list holds n of them. batch(n) > 0.
  template <class F>
  Taken<T> Take(const F& batch) {
    // relaxed, twice: only a look, to leave a held flag's line alone.
    if (!Any()) return Taken<T>::Empty();
    if (held_.load(std::memory_order_relaxed) != 0) return Taken<T>::Lost();
    // acquire: pairs with the release in Release(); the list is then ours.
    if (held_.exchange(1, std::memory_order_acquire) != 0) return Taken<T>::Lost();
    T* const first = Oldest();
    if (first == nullptr) {
      Release();
      return Taken<T>::Empty();
    }
    const int64_t most = batch(listed_.load(std::memory_order_relaxed));
    T* last = first;
    int64_t count = 1;
    for (; count < most && last->next.Read() != nullptr; ++count) last = last->next.Read();
    Shorten(last->next.Read(), count);
    last->next.Write() = nullptr;
    Release();
    return Taken<T>::Of(first);
  }

  // The oldest task, if `wanted(task)`; else nullptr, also if others are at it.
  template <class F>
  T* TakeOldestIf(const F& wanted) {
    if (!Any() || held_.load(std::memory_order_relaxed) != 0) return nullptr;  // as Take()
    // acquire: pairs with the release in Release().
    if (held_.exchange(1, std::memory_order_acquire) != 0) return nullptr;
    T* const oldest = Oldest();
    T* const taken = oldest != nullptr && wanted(*oldest) ? oldest : nullptr;
    if (taken != nullptr) Shorten(taken->next.Read(), 1);
    Release();
    return taken;
  }

  // Whether there is, or was a moment ago, a task inside. relaxed: see PushChain().
  bool Any() const { return open_.load(std::memory_order_relaxed) != 0; }
  // At least so many are inside, a moment ago: those on the list, and one for each door with some.
  // 0 only if there is none.
  int64_t AtLeast() const {
    // relaxed, twice: a measure.
    const uint32_t newcomers = open_.load(std::memory_order_relaxed) & ~kListed;
    const int64_t listed = listed_.load(std::memory_order_relaxed);
    return newcomers == 0 ? listed : listed + std::popcount(newcomers);
  }
  // Tasks inside, a moment ago, as far as the calling thread sees: those on the list, and those at
  // its own door. Below zero while a taker was faster than a pusher's count.
  int64_t SeenFromHere() const {
    // relaxed, thrice: a measure.
    const Door& door = doors_[W::ThreadNumber() % kDoors];
    const uint64_t at_door =
        door.pushed.load(std::memory_order_relaxed) - door.turned.load(std::memory_order_relaxed);
    return listed_.load(std::memory_order_relaxed) + static_cast<int64_t>(at_door);
  }
  // All of them. Reads every door; likewise.
  int64_t Queued() const {
    uint64_t queued = static_cast<uint64_t>(listed_.load(std::memory_order_relaxed));
    for (const Door& door : doors_) {
      queued += door.pushed.load(std::memory_order_relaxed);
      queued -= door.turned.load(std::memory_order_relaxed);
    }
    return static_cast<int64_t>(queued);
  }
  // The same for pictures.
  int64_t PeekQueued() const {
    uint64_t queued = static_cast<uint64_t>(listed_.Peek());
    for (const Door& door : doors_) queued += door.pushed.Peek() - door.turned.Peek();
    return static_cast<int64_t>(queued);
  }

 private:
  static constexpr uint32_t kDoors = 8;
  static constexpr uint32_t kListed = 1u << kDoors;  // in open_: there is a list
  static constexpr uint32_t Bit(uint32_t door) { return 1u << door; }

  struct alignas(W::kLineBytes) Door {
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<T*> newcomers{line, nullptr};
    typename W::template Atomic<uint64_t> pushed{line, 0};  // ever
    typename W::template Atomic<uint64_t> turned{line, 0};  // ever; by who holds the flag
  };

  void Release() {
    // release: pairs with the acquires.
    held_.store(0, std::memory_order_release);
  }

  // Of the list, which is made of the newcomers if there is none. The flag is held.
  T* Oldest() {
    if (oldest_.Read() == nullptr) TurnRound();
    return oldest_.Read();
  }

  // The list now begins with `rest`.
  void Shorten(T* rest, int64_t by) {
    oldest_.Write() = rest;
    // relaxed, all: written by who holds the flag.
    listed_.store(listed_.load(std::memory_order_relaxed) - by, std::memory_order_relaxed);
    if (rest == nullptr) open_.fetch_sub(kListed, std::memory_order_relaxed);
  }

  void TurnRound() {
    const uint32_t open = open_.load(std::memory_order_relaxed);  // without kListed
    if (open == 0) return;
    // relaxed: the exchange below publishes it to who pushes next.
    open_.fetch_add(kListed - open, std::memory_order_relaxed);
    T* list = nullptr;
    int64_t listed = 0;
    // From another door each time.
    const uint32_t first = first_door_.Write() = (first_door_.Read() + 1) % kDoors;
    for (uint32_t rest = (open | open << kDoors) >> first & (kListed - 1); rest != 0;
         rest &= rest - 1) {
      const uint32_t number = first + static_cast<uint32_t>(std::countr_zero(rest));
      listed += TurnRound(doors_[number % kDoors], list);
    }
    oldest_.Write() = list;
    listed_.store(listed, std::memory_order_relaxed);  // relaxed: a measure
    if (list == nullptr) open_.fetch_sub(kListed, std::memory_order_relaxed);
  }

  // Puts the newcomers of a door before `list`. Returns how many.
  int64_t TurnRound(Door& door, T*& list) {
    // acq_rel: pairs with the CAS in PushChain().
    T* newest = door.newcomers.exchange(nullptr, std::memory_order_acq_rel);
    uint64_t count = 0;
    for (; newest != nullptr; ++count) {
      T* const older = newest->next.Read();
      newest->next.Write() = list;
      list = newest;
      newest = older;
    }
    // relaxed, twice: a statistic with one writer at a time.
    door.turned.store(door.turned.load(std::memory_order_relaxed) + count,
                      std::memory_order_relaxed);
    return static_cast<int64_t>(count);
  }

  std::array<Door, kDoors> doors_;
  [[no_unique_address]] typename W::Line open_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint32_t> open_{open_line_, 0};
  [[no_unique_address]] typename W::Line takers_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint32_t> held_{takers_line_, 0};
  typename W::template Atomic<int64_t> listed_{takers_line_, 0};
  typename W::template Plain<T*> oldest_;
  typename W::template Plain<uint32_t> first_door_;
};

}  // namespace tally
