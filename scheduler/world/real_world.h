// RealWorld: std::atomic, futex, membarrier and the TSC, through inlines that add no instruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <type_traits>

#include "absl/status/status.h"
#include "numa/ids.h"
#include "scheduler/world/clock.h"
#include "scheduler/world/world.h"

#if defined(__SANITIZE_THREAD__)
#define TALLY_TSAN 1
#elif defined(__has_feature)
#define TALLY_TSAN __has_feature(thread_sanitizer)
#else
#define TALLY_TSAN 0
#endif

namespace tally {

namespace internal {
// False where the kernel refuses membarrier(2): then both sides of the asymmetric fence are full.
bool RegisterMembarrier();
inline const bool kHasMembarrier = RegisterMembarrier();
void Membarrier();
// One slot per thread. initial-exec: a single fs-relative load, no call, also in shared objects.
extern constinit thread_local void* current_worker __attribute__((tls_model("initial-exec")));
// 0: none yet.
extern constinit thread_local uint32_t thread_number __attribute__((tls_model("initial-exec")));
uint32_t NumberThisThread();
}  // namespace internal

struct RealWorld {
  static constexpr bool kSimulated = false;

  static constexpr size_t kLineBytes = 128;  // two 64-byte lines: x86 prefetches the neighbour
  struct Line {};                            // costs nothing: only simulated worlds look at it

  template <class T>
  class Atomic {
   public:
    Atomic(Line&, T value) : value_(value) {}
    TALLY_INLINE T load(std::memory_order order) const { return value_.load(order); }
    TALLY_INLINE void store(T value, std::memory_order order) { value_.store(value, order); }
    TALLY_INLINE T exchange(T value, std::memory_order order) {
      return value_.exchange(value, order);
    }
    TALLY_INLINE bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                              std::memory_order failure) {
      return value_.compare_exchange_strong(expected, desired, success, failure);
    }
    TALLY_INLINE T fetch_add(T value, std::memory_order order) {
      return value_.fetch_add(value, order);
    }
    TALLY_INLINE T fetch_sub(T value, std::memory_order order) {
      return value_.fetch_sub(value, order);
    }
    TALLY_INLINE T fetch_or(T value, std::memory_order order) {
      return value_.fetch_or(value, order);
    }
    TALLY_INLINE T fetch_and(T value, std::memory_order order) {
      return value_.fetch_and(value, order);
    }
    // Relaxed: for statistics, see world.h.
    TALLY_INLINE T Peek() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<T> value_;
  };

  template <class T>
  class Plain {
   public:
    Plain() : value_{} {}
    explicit Plain(T value) : value_(value) {}
    explicit Plain(Unwritten) requires std::is_trivially_default_constructible_v<T> {}
    TALLY_INLINE const T& Read() const { return value_; }
    TALLY_INLINE T& Write() { return value_; }

   private:
    T value_;
  };

  class Counter {
   public:
    // Load and store, not an atomic add: there is one writer. Relaxed: readers want a recent
    // number, nothing is published with it.
    TALLY_INLINE void Add(uint64_t n) {
#if defined(__x86_64__) && !TALLY_TSAN
      // In one instruction, where the compiler makes three of it.
      asm("addq %1, %0" : "+m"(value_) : "er"(n) : "cc");
#else
      value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
#endif
    }
    TALLY_INLINE uint64_t Read() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<uint64_t> value_{0};
  };

  TALLY_INLINE static void LightFence() {
    FreeLightFence();
    if (__builtin_expect(!internal::kHasMembarrier, 0)) Fence(std::memory_order_seq_cst);
  }
  TALLY_INLINE static bool LightFenceIsFree() { return internal::kHasMembarrier; }
  // Keeps the compiler from reordering; the rest is the heavy side's.
  TALLY_INLINE static void FreeLightFence() { std::atomic_signal_fence(std::memory_order_seq_cst); }
  static void HeavyFence() { internal::Membarrier(); }
  TALLY_INLINE static void Fence(std::memory_order order) {
#if defined(__SANITIZE_THREAD__)
    // GCC's TSan warns of (and misreads) stand-alone fences; a seq_cst RMW orders at least as much.
    static std::atomic<int> fence{0};
    (void)order;
    fence.fetch_add(0, std::memory_order_seq_cst);
#else
    std::atomic_thread_fence(order);
#endif
  }

  TALLY_INLINE static Nanos Now() { return internal::ClockNanos(); }
  TALLY_INLINE static void SpinPause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
  }

  // One token. Linux futex, private.
  class Parker {
   public:
    void Park() { ParkFor(-1); }
    bool ParkUntil(Nanos deadline);
    void Unpark();

   private:
    static constexpr uint32_t kEmpty = 0, kToken = 1, kParked = 2;
    bool ParkFor(Nanos timeout);  // -1: for ever
    std::atomic<uint32_t> state_{kEmpty};
  };

  class Thread {
   public:
    // ResourceExhausted when the kernel grants no more threads.
    absl::Status Start(ThreadPlace place, std::function<void()> body);
    void Join();

   private:
    std::thread thread_;
  };

  TALLY_INLINE static void*& Current() { return internal::current_worker; }
  static uint32_t ThreadNumber() {
    const uint32_t number = internal::thread_number;
    return number != 0 ? number : internal::NumberThisThread();
  }

  // Pages of this process, zeroed, untouched: their home is decided by the first toucher.
  class Memory {
   public:
    explicit Memory(size_t bytes);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    std::byte* data() const { return data_; }  // nullptr when the kernel has no more memory
    size_t size() const { return bytes_; }

   private:
    std::byte* data_;
    size_t bytes_;
  };

  static void Work(Nanos nanos) {
    const Nanos end = Now() + nanos;
    while (Now() < end) SpinPause();
  }
  TALLY_INLINE static void Charge(Nanos) {}
  // The hardware knows; the scheduler asks the kernel (HomeOf) only when somebody counts.
  TALLY_INLINE static NodeId Touch(const void*, size_t) { return NodeId(); }
};

static_assert(World<RealWorld>);

}  // namespace tally
