// The deque of scheduler/concurrent/deque.h once more, written directly on std::atomic: what the
// seam is compared with, instruction by instruction. The orders are argued there.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "scheduler/concurrent/taken.h"
#include "scheduler/world/real_world.h"

namespace tally::by_hand {

// The light fence, as RealWorld has it.
[[gnu::always_inline]] inline void LightFence() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (__builtin_expect(!internal::kHasMembarrier, 0)) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

template <class T>
class Deque {
 public:
  explicit Deque(uint32_t capacity)
      : mask_(int64_t{capacity} - 1), slots_(std::make_unique<std::atomic<T*>[]>(capacity)) {}

  bool TryPush(T* task) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    if (bottom >= limit_) return false;
    slots_[bottom & mask_].store(task, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);
    return true;
  }

  bool Open() {
    if (limit_ != 0 && bottom_.load(std::memory_order_relaxed) < limit_) return true;
    if (looks_off_ > 0) {
      --looks_off_;
      return false;
    }
    const int64_t top = top_.load(std::memory_order_acquire);
    limit_ = top + mask_ + 1;
    const int64_t room = limit_ - bottom_.load(std::memory_order_relaxed);
    if (room <= 0) {
      patience_ = std::min(2 * patience_ + 1, 31);
      looks_off_ = patience_;
    } else if (room > mask_ / 4) {
      patience_ /= 8;
    }
    return room > 0;
  }

  T* Pop(int64_t oldest = 0) {
    const int64_t index = bottom_.load(std::memory_order_relaxed) - 1;
    if (index < oldest || !PopAt(index)) return nullptr;
    return slots_[index & mask_].load(std::memory_order_relaxed);
  }

  bool PopNewest(int64_t index) {
    if (bottom_.load(std::memory_order_relaxed) != index + 1) return false;
    bottom_.store(index, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (IsPrivate(index)) {
      popped_.Add(1);
      return true;
    }
    bottom_.store(index + 1, std::memory_order_release);
    return false;
  }

  Taken<T> Steal(int64_t oldest = 0) {
    int64_t top = top_.load(std::memory_order_seq_cst);
    const uint64_t split = split_.load(std::memory_order_seq_cst);
    if ((split & kName) != 0) return Taken<T>::Lost();
    if (top >= static_cast<int64_t>(split >> 14) || top < oldest) return Taken<T>::Empty();
    T* task = slots_[top & mask_].load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return Taken<T>::Lost();
    }
    return Taken<T>::Of(task);
  }

 private:
  static constexpr size_t kLineBytes = 128;
  static constexpr uint64_t kName = (1u << 14) - 1;

  bool IsPrivate(int64_t index) const {
    const uint64_t split = split_.load(std::memory_order_relaxed);
    return __builtin_expect(index >= static_cast<int64_t>(split >> 14), 1);
  }

  bool PopAt(int64_t index) {
    bottom_.store(index, std::memory_order_relaxed);
    LightFence();
    return IsPrivate(index) || PopShared(index);
  }

  [[gnu::noinline]] bool PopShared(int64_t index) {
    for (;;) {
      uint64_t split = split_.load(std::memory_order_acquire);
      if ((split & kName) == 0 && index >= static_cast<int64_t>(split >> 14)) return true;
      if ((split & kName) != 0) {
        const int64_t top = top_.load(std::memory_order_relaxed);
        if (top > index) return GoneAt(index);
        const int64_t half = index > top ? top + (index - top + 1) / 2 : top;
        if (split_.compare_exchange_strong(split, static_cast<uint64_t>(half) << 14,
                                           std::memory_order_release, std::memory_order_relaxed)) {
          return true;
        }
        continue;
      }
      if (!split_.compare_exchange_strong(split, static_cast<uint64_t>(index) << 14,
                                          std::memory_order_seq_cst, std::memory_order_relaxed)) {
        continue;
      }
      int64_t top = top_.load(std::memory_order_seq_cst);
      if (top < index) return true;
      const bool ours =
          top == index && top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                                       std::memory_order_relaxed);
      GoneAt(index);
      return ours;
    }
  }

  bool GoneAt(int64_t index) {
    bottom_.store(index + 1, std::memory_order_relaxed);
    split_.store(static_cast<uint64_t>(index + 1) << 14, std::memory_order_release);
    return false;
  }

  const int64_t mask_;
  std::unique_ptr<std::atomic<T*>[]> slots_;
  alignas(kLineBytes) std::atomic<int64_t> bottom_{0};
  RealWorld::Counter popped_;
  bool generous_ = false;
  int64_t limit_ = 0;
  int64_t next_offer_ = 0;
  int32_t looks_off_ = 0;
  int32_t patience_ = 0;
  alignas(kLineBytes) std::atomic<uint64_t> split_{0};
  alignas(kLineBytes) std::atomic<int64_t> top_{0};
};

}  // namespace tally::by_hand
