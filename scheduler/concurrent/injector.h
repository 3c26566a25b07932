// A node's queue of one priority level: any thread pushes, the workers take, each thread's tasks
// first in first out.
//
// Conflict: producers outside must never wait for a worker, and no worker for another; nor should
// producers meet each other, or the workers who only want to know whether anything is there. Idea:
// a few doors, of which each thread prefers one. Behind each are two lists, both oldest first: to
// the one producers append, a few instructions under a lock of their own; the other is a taker's,
// who holds the door's flag, and who fetches the whole of the first when it has come to its end.
// One word says which doors have some, and is all that is read by who looks. Not getting a flag is
// Lost, never a wait, and there are other doors. Price: between two threads' tasks the order is
// that of their doors, not that of their pushes.
//
// The lock: nobody waits for its holder, whom the kernel may have stopped. After a few turns a
// taker gives up, and a producer leaves its tasks before the door, on a stack that is pushed to by
// one CAS; who gets the lock next appends what lies there before anything else. So each thread's
// tasks stay in order, and a holder that was stopped hides what is behind its own door, no more.
//
// Why the word never hides a task: for each door it says whether something came, and whether the
// taker's list holds something. Who fetches first clears the one and sets the other, in the same
// instruction; only then it takes the lock, and what lies before the door. Who pushes after that,
// behind the door or before it, has acquired what it did, so finds its bit cleared and sets it. Who
// pushed before is on the list. A bit may be left at an empty door; the next taker clears it.
//
// Whoever takes tasks waits for another CPU's cache lines. So each task says which one comes some
// places later (its hint), for taking to have several on their way.
//
// Rejected: a stack of newcomers that the taker turns round (no lock, but it walks all that is
// queued, twice, while nobody else can take anything: docs/decisions/speed.md); one exchange that
// cannot fail (a producer that is preempted before it links its task hides the older ones); one
// queue for all (n producers try n times).
//
// T has a member `typename W::template Plain<T*> next`, and SetHint(T*) and Hint() for a pointer
// that is only to be fetched; both belong to the injector while the task is in it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

#include "scheduler/concurrent/taken.h"
#include "scheduler/world/world.h"

namespace tally {

// Leaves hints in tasks that follow each other in a list.
template <class T>
class Trail {
 public:
  void Follow(T* task) {
    T*& before = last_[tasks_ % kAhead];
    if (tasks_ >= kAhead) before->SetHint(task);
    before = task;
    task->SetHint(nullptr);
    ++tasks_;
  }
  // The tasks are not ours to write any more.
  void Forget() { tasks_ = 0; }

 private:
  static constexpr uint32_t kAhead = 8;  // so many are on their way
  std::array<T*, kAhead> last_{};
  uint32_t tasks_ = 0;
};

template <class W, class T>
class Injector {
 public:
  Injector() = default;
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  // `hints`: whether SetHint() may be called.
  void Push(T* task, bool hints = true) {
    task->next.Write() = nullptr;
    PushTo(task, task, 1, hints);
  }
  // `count` tasks at once, from `oldest` to `newest`: each linked by `next` to the one that is to
  // come out after it. What they have for hints stays.
  void PushChain(T* oldest, T* newest, int64_t count) {
    newest->next.Write() = nullptr;
    PushTo(oldest, newest, count, false);
  }

  // Takes up to batch(n) tasks of one door, oldest first, as a chain linked by `next` (nullptr at
  // its end), when about n are inside. batch(n) > 0; not asked if one is all there is. `turn`: the
  // door to look at first; afterwards the one behind that which was taken from. Each taker has its
  // own, so that all are served.
  template <class F>
  TALLY_INLINE Taken<T> Take(uint32_t& turn, const F& batch) {
    bool lost = false;
    for (uint32_t left = OpenFrom(turn); left != 0; left &= left - 1) {
      Door& door = DoorAt(turn, left);
      const Hold hold(door);
      if (!hold.Has(*this, lost)) continue;
      T* const first = door.list.Read();
      T* last = first;
      int64_t count = 1;
      if (first->next.Read() != nullptr) [[unlikely]] {  // not for who has just been woken
        const int64_t most = batch(door.Queued() * std::popcount(left));
        for (; count < most && last->next.Read() != nullptr; ++count) {
          last = last->next.Read();
          Fetch(last->Hint());
        }
      }
      Shorten(door, last->next.Read(), count);
      last->next.Write() = nullptr;
      turn = NumberOf(turn, left) + 1;
      return Taken<T>::Of(first);
    }
    return lost ? Taken<T>::Lost() : Taken<T>::Empty();
  }

  // The oldest task of a door, if `wanted(task)`; else nullptr, also if others are at it.
  template <class F>
  T* TakeOldestIf(const F& wanted) {
    bool lost = false;
    for (uint32_t left = OpenFrom(0); left != 0; left &= left - 1) {
      Door& door = DoorAt(0, left);
      const Hold hold(door);
      if (!hold.Has(*this, lost)) continue;
      T* const oldest = door.list.Read();
      if (!wanted(*oldest)) continue;
      Shorten(door, oldest->next.Read(), 1);
      return oldest;
    }
    return nullptr;
  }

  // Whether there is, or was a moment ago, a task inside. relaxed: ordered by the fences of who
  // pushes and of who looks (Sleepers).
  bool Any() const { return open_.load(std::memory_order_relaxed) != 0; }
  // Tasks inside, a moment ago. Reads the doors that have some.
  int64_t Queued() const {
    int64_t queued = 0;
    for (uint32_t left = OpenFrom(0); left != 0; left &= left - 1) {
      queued += DoorAt(0, left).Queued();
    }
    return queued;
  }
  // The same for pictures.
  int64_t PeekQueued() const {
    uint64_t queued = 0;
    for (const Door& door : doors_) queued += door.pushed.Peek() - door.taken.Peek();
    return static_cast<int64_t>(queued);
  }

 private:
  static constexpr uint32_t kDoors = 8;
  static constexpr uint32_t kListed = 1u << kDoors;  // in open_, times a door's bit: it has a list
  static constexpr uint32_t kPatience = 64;  // turns at a lock: some times what its holders take

  struct alignas(W::kLineBytes) Door {
    // What producers write.
    [[no_unique_address]] typename W::Line line;
    typename W::template Atomic<uint32_t> locked{line, 0};
    typename W::template Atomic<uint64_t> pushed{line, 0};  // ever
    typename W::template Plain<T*> oldest;                  // nullptr: none
    typename W::template Plain<T*> newest;
    typename W::template Plain<Trail<T>> trail;
    typename W::template Atomic<T*> before{line, nullptr};  // before the door, newest first
    // What takers write.
    [[no_unique_address]] typename W::Line takers_line;
    alignas(W::kLineBytes) typename W::template Atomic<uint32_t> held{takers_line, 0};
    typename W::template Atomic<uint64_t> taken{takers_line, 0};  // ever
    typename W::template Plain<T*> list;

    [[nodiscard]] TALLY_INLINE bool Lock() {
      if (TryLock()) [[likely]]
        return true;
      return LockPatiently();
    }
    TALLY_INLINE bool TryLock() {
      // relaxed: only a look. acquire: pairs with the release in Unlock().
      return locked.load(std::memory_order_relaxed) == 0 &&
             locked.exchange(1, std::memory_order_acquire) == 0;
    }
    [[gnu::noinline]] bool LockPatiently() {
      for (uint32_t turn = 1; turn < kPatience; ++turn) {
        W::SpinPause();
        if (TryLock()) return true;
      }
      return false;
    }
    // release: pairs with the acquire in TryLock().
    void Unlock() { locked.store(0, std::memory_order_release); }
    // Both lists. relaxed, twice: a measure. In this order, so that it is not below zero.
    int64_t Queued() const {
      const uint64_t gone = taken.load(std::memory_order_relaxed);
      return static_cast<int64_t>(pushed.load(std::memory_order_relaxed) - gone);
    }
  };

  // The taker's flag of a door, while it lives; if it is not held by another.
  class Hold {
   public:
    explicit Hold(Door& door) : door_(door) {
      // relaxed: only a look, to leave a held flag's line alone. acquire: pairs with ~Hold(); the
      // list is then ours.
      ours_ = door.held.load(std::memory_order_relaxed) == 0 &&
              door.held.exchange(1, std::memory_order_acquire) == 0;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      // release: pairs with the constructor.
      if (ours_) door_.held.store(0, std::memory_order_release);
    }
    // Whether there is a task on the list, which is fetched if it has come to its end. Else `lost`
    // says whether others were at it.
    bool Has(Injector& injector, bool& lost) const {
      if (!ours_) [[unlikely]] {
        lost = true;
        return false;
      }
      if (door_.list.Read() == nullptr && !injector.FetchList(door_)) lost = true;
      return door_.list.Read() != nullptr;
    }

   private:
    Door& door_;
    bool ours_;
  };

  // The open doors, those from `turn` on first.
  uint32_t OpenFrom(uint32_t turn) const {
    const uint32_t open = open_.load(std::memory_order_relaxed);
    return std::rotr(static_cast<uint8_t>(open | open / kListed), static_cast<int>(turn % kDoors));
  }
  static uint32_t NumberOf(uint32_t turn, uint32_t left) {
    return (turn + static_cast<uint32_t>(std::countr_zero(left))) % kDoors;
  }
  Door& DoorAt(uint32_t turn, uint32_t left) { return doors_[NumberOf(turn, left)]; }
  const Door& DoorAt(uint32_t turn, uint32_t left) const { return doors_[NumberOf(turn, left)]; }
  uint32_t BitOf(const Door& door) const { return 1u << (&door - doors_.data()); }

  static void Fetch(const void* task) {
    __builtin_prefetch(task, 1);
    // As numbers: there may be no task, and null has no neighbours.
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(task) + 64), 1);
  }

  void PushTo(T* oldest, T* newest, int64_t count, bool hints) {
    Door& door = doors_[W::ThreadNumber() % kDoors];
    if (door.Lock()) {
      // relaxed: only a look; what this thread has left there it sees.
      if (door.before.load(std::memory_order_relaxed) != nullptr) LetIn(door);
      Append(door, oldest, newest, count);
      if (hints) {
        door.trail.Write().Follow(newest);
      } else {
        door.trail.Write().Forget();
      }
      door.Unlock();
    } else {
      if (hints) newest->SetHint(nullptr);
      LeaveBefore(door, oldest, newest);
    }
    // Before the caller looks for sleepers, whose recheck reads this word. relaxed, twice: that
    // order is their fences' business (Sleepers).
    if ((open_.load(std::memory_order_relaxed) & BitOf(door)) == 0) {
      open_.fetch_or(BitOf(door), std::memory_order_relaxed);
    }
  }

  // The lock is held.
  static void Append(Door& door, T* oldest, T* newest, int64_t count) {
    if (door.oldest.Read() == nullptr) {
      door.oldest.Write() = oldest;
    } else {
      door.newest.Read()->next.Write() = oldest;
    }
    door.newest.Write() = newest;
    // relaxed, twice: written under the lock.
    door.pushed.store(door.pushed.load(std::memory_order_relaxed) + static_cast<uint64_t>(count),
                      std::memory_order_relaxed);
  }

  static void LeaveBefore(Door& door, T* oldest, T* newest) {
    int64_t count = 0;
    TurnRound(oldest, count);
    T* before = door.before.load(std::memory_order_relaxed);
    do {
      oldest->next.Write() = before;
      // release publishes the tasks, acquire makes the look at `open_` see the taker before us:
      // both pair with the exchange in LetIn().
    } while (!door.before.compare_exchange_strong(before, newest, std::memory_order_acq_rel,
                                                  std::memory_order_relaxed));
  }

  // Appends what lies before the door, whose lock is held.
  static void LetIn(Door& door) {
    // acq_rel: pairs with the CAS in LeaveBefore().
    T* const newest = door.before.exchange(nullptr, std::memory_order_acq_rel);
    if (newest != nullptr) [[unlikely]]
      LetInAll(door, newest);
  }
  [[gnu::noinline]] static void LetInAll(Door& door, T* newest) {
    int64_t count = 0;
    T* const oldest = TurnRound(newest, count);
    Append(door, oldest, newest, count);
    door.trail.Write().Forget();
  }

  // Links a chain the other way round. Returns its new first one, and counts.
  static T* TurnRound(T* first, int64_t& count) {
    T* turned = nullptr;
    for (; first != nullptr; ++count) {
      T* const next = first->next.Read();
      first->next.Write() = std::exchange(turned, first);
      first = next;
    }
    return turned;
  }

  // The door's list, which is held and empty, becomes what producers have appended since. False:
  // they are at it.
  bool FetchList(Door& door) {
    const uint32_t bit = BitOf(door);
    // relaxed, all: what others have to see of it the lock publishes, or the exchange in LetIn().
    if ((open_.load(std::memory_order_relaxed) & bit) == 0) return true;
    open_.fetch_add(bit * kListed - bit, std::memory_order_relaxed);
    const bool locked = door.Lock();
    if (locked) {
      LetIn(door);
      door.list.Write() = std::exchange(door.oldest.Write(), nullptr);
      door.trail.Write().Forget();
      door.Unlock();
    } else {
      open_.fetch_or(bit, std::memory_order_relaxed);
    }
    if (door.list.Read() == nullptr) open_.fetch_and(~(bit * kListed), std::memory_order_relaxed);
    return locked;
  }

  // The held list now begins with `rest`.
  void Shorten(Door& door, T* rest, int64_t by) {
    door.list.Write() = rest;
    // relaxed, twice: written by who holds the flag.
    door.taken.store(door.taken.load(std::memory_order_relaxed) + static_cast<uint64_t>(by),
                     std::memory_order_relaxed);
    if (rest == nullptr) open_.fetch_and(~(BitOf(door) * kListed), std::memory_order_relaxed);
  }

  std::array<Door, kDoors> doors_;
  [[no_unique_address]] typename W::Line open_line_;
  alignas(W::kLineBytes) typename W::template Atomic<uint32_t> open_{open_line_, 0};
};

}  // namespace tally
