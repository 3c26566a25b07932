// PreemptedWorld: the real one, with threads that the kernel stops at the worst moments. For tests.
//
// Between an owner's look at a word and its compare-and-swap others come and go a thousand times,
// if the owner's CPU is taken away there. On an idle machine that hardly ever happens; here it does
// all the time, most of all before a compare-and-swap.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include "scheduler/world/real_world.h"
#include "scheduler/world/world.h"

namespace tally {

struct PreemptedWorld : RealWorld {
  template <class T>
  class Atomic {
    using Real = RealWorld::Atomic<T>;

   public:
    Atomic(Line& line, T value) : real_(line, value) {}
    T load(std::memory_order order) const {
      if (loads_ > 0 && --loads_ == 0) std::exchange(before_load_, nullptr)();
      return Stopped(real_).load(order);
    }
    void store(T value, std::memory_order order) { Stopped(real_).store(value, order); }
    T exchange(T value, std::memory_order order) { return Stopped(real_).exchange(value, order); }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure) {
      if (before_swap_ != nullptr) std::exchange(before_swap_, nullptr)();
      return Stopped(real_, 64).compare_exchange_strong(expected, desired, success, failure);
    }
    T fetch_add(T value, std::memory_order order) { return Stopped(real_).fetch_add(value, order); }
    T fetch_sub(T value, std::memory_order order) { return Stopped(real_).fetch_sub(value, order); }
    T fetch_or(T value, std::memory_order order) { return Stopped(real_).fetch_or(value, order); }
    T fetch_and(T value, std::memory_order order) { return Stopped(real_).fetch_and(value, order); }
    T Peek() const { return real_.Peek(); }

   private:
    Real real_;
  };

  // Stops the calling thread before its next compare-and-swap, and runs `others` meanwhile.
  static void BeforeNextSwap(std::function<void()> others) { before_swap_ = std::move(others); }
  // The same before the load that comes as the `loads`-th from now.
  static void BeforeLoad(int loads, std::function<void()> others) {
    loads_ = loads;
    before_load_ = std::move(others);
  }

 private:
  // Before one access of `rarity` on average, for up to 128 us.
  template <class Real>
  static Real& Stopped(Real& real, uint32_t rarity = 8192) {
    thread_local uint32_t random = ThreadNumber() * 2654435761u | 1;
    random = random * 1664525u + 1013904223u;
    const uint32_t number = random >> 12;
    if (number % rarity == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(number / rarity % 128));
    }
    return real;
  }

  static inline thread_local std::function<void()> before_swap_;
  static inline thread_local std::function<void()> before_load_;
  static inline thread_local int loads_ = 0;
};

static_assert(World<PreemptedWorld>);

}  // namespace tally
