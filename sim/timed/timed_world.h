// TimedWorld: the scheduler's surroundings on an imagined machine, in virtual nanoseconds.
//
// Every type here is a thin call into the kernel of the simulation that this host thread runs (see
// run_timed.h). Outside a simulation, atomics behave as plain variables and cost nothing, so that a
// test can build a structure before and look at it afterwards; whatever needs a clock, a thread or
// the power to wait checks that it is inside.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "numa/check.h"
#include "numa/ids.h"
#include "scheduler/world/world.h"
#include "sim/timed/kernel.h"
#include "sim/timed/line.h"

namespace tally {

struct TimedWorld {
  static constexpr bool kSimulated = true;
  // Lines are declared, not laid out: a simulated structure needs no padding.
  static constexpr size_t kLineBytes = 64;

  using Line = timed::Line;

  template <class T>
  class Atomic {
   public:
    Atomic(Line& line, T value) : line_(line), value_(value) {}
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load(std::memory_order) const {
      if (Running()) timed::running_kernel->Read(line_);
      return value_;
    }
    void store(T value, std::memory_order order) {
      if (Running()) {
        if (order == std::memory_order_seq_cst) {
          timed::running_kernel->ReadModifyWrite(line_);  // x86 compiles it to xchg
        } else {
          timed::running_kernel->Write(line_);
        }
      }
      value_ = value;
    }
    T exchange(T value, std::memory_order) {
      return Modify([value](T) { return value; });
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order, std::memory_order) {
      if (Running()) timed::running_kernel->ReadModifyWrite(line_);
      if (value_ == expected) {
        value_ = desired;
        return true;
      }
      expected = value_;
      return false;
    }
    T fetch_add(T operand, std::memory_order) {
      return Modify([operand](T old) { return static_cast<T>(old + operand); });
    }
    T fetch_sub(T operand, std::memory_order) {
      return Modify([operand](T old) { return static_cast<T>(old - operand); });
    }
    T fetch_or(T operand, std::memory_order) {
      return Modify([operand](T old) { return static_cast<T>(old | operand); });
    }
    T fetch_and(T operand, std::memory_order) {
      return Modify([operand](T old) { return static_cast<T>(old & operand); });
    }

    T Peek() const { return value_; }

   private:
    template <class F>
    T Modify(F change) {
      if (Running()) timed::running_kernel->ReadModifyWrite(line_);
      const T old = value_;
      value_ = change(old);
      return old;
    }

    Line& line_;
    T value_;
  };

  template <class T>
  class Plain {
   public:
    Plain() : value_{} {}
    explicit Plain(T value) : value_(value) {}
    explicit Plain(Unwritten) requires std::is_trivially_default_constructible_v<T> {}
    const T& Read() const { return value_; }
    T& Write() { return value_; }

   private:
    T value_;
  };

  class Counter {
   public:
    void Add(uint64_t n) { value_ += n; }
    uint64_t Read() const { return value_; }

   private:
    uint64_t value_ = 0;
  };

  static void LightFence() {}
  static bool LightFenceIsFree() { return true; }
  static void FreeLightFence() {}
  static void HeavyFence() { Kernel().HeavyFence(); }
  static void Fence(std::memory_order order) {
    // x86 orders everything else by itself.
    if (order == std::memory_order_seq_cst && Running()) Kernel().FullFence();
  }

  static Nanos Now() { return Kernel().Now(); }
  static void SpinPause() { Kernel().SpinPause(); }

  class Parker {
   public:
    void Park() { ParkFor(-1); }
    bool ParkUntil(Nanos deadline) { return ParkFor(deadline < 0 ? 0 : deadline); }
    void Unpark();

   private:
    bool ParkFor(Nanos deadline);  // -1: for ever

    Line line_;
    bool token_ = false;
    timed::Fiber* waiter_ = nullptr;
  };

  class Thread {
   public:
    Thread() = default;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    ~Thread() { TALLY_CHECK(fiber_ == nullptr, "a thread is joined before it is destroyed"); }

    // As RealWorld's; also InvalidArgument for a CPU that the simulated machine does not have.
    absl::Status Start(ThreadPlace place, std::function<void()> body);
    void Join();

   private:
    timed::Fiber* fiber_ = nullptr;
  };

  static void*& Current() {
    return Running() ? timed::running_kernel->current().current : outside_current_;
  }

  static uint32_t ThreadNumber() { return Running() ? timed::running_kernel->current().index : 0; }

  // Zeroed pages of this process whose imagined home is decided by the first Touch. Register them
  // by creating the Memory inside the simulation.
  class Memory {
   public:
    explicit Memory(size_t bytes);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    std::byte* data() const { return data_; }  // nullptr when there is no more memory
    size_t size() const { return bytes_; }

   private:
    std::byte* data_;
    size_t bytes_;
  };

  static void Work(Nanos nanos) { Kernel().Advance(nanos); }
  static void Charge(Nanos nanos) {
    if (Running()) timed::running_kernel->ChargeBody(nanos);
  }
  // Pays for moving the bytes. The home of the first byte's page; -1 outside a Memory.
  static NodeId Touch(const void* pointer, size_t bytes) {
    return Running() ? timed::running_kernel->Touch(pointer, bytes) : NodeId();
  }
  // As mbind(2) with MPOL_PREFERRED; pages that are there stay.
  static void Prefer(const void* pointer, size_t bytes, NodeId node) {
    if (Running()) timed::running_kernel->pages().Prefer(pointer, bytes, node);
  }
  // The home of a page, which nobody pays for; -1 while nobody has touched it.
  static constexpr size_t kPageBytes = timed::kPageBytes;
  static NodeId HomeOf(const void* pointer) {
    return Running() ? timed::running_kernel->pages().HomeOf(pointer) : NodeId();
  }

 private:
  static bool Running() { return timed::running_kernel != nullptr; }
  static timed::Kernel& Kernel() {
    TALLY_CHECK(Running(), "TimedWorld needs a simulation around it: RunTimed()");
    return *timed::running_kernel;
  }
  static inline thread_local void* outside_current_ = nullptr;
};

static_assert(World<TimedWorld>);

}  // namespace tally
