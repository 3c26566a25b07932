// The deque of scheduler/concurrent/deque.h once more, written directly on std::atomic: what the
// seam is compared with, instruction by instruction. The orders are argued there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "scheduler/concurrent/taken.h"

namespace tally::by_hand {

template <class T>
class Deque {
 public:
  explicit Deque(uint32_t capacity)
      : mask_(capacity - 1), slots_(std::make_unique<std::atomic<T*>[]>(capacity)) {}

  bool HasRoom() {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    if (bottom - top_seen_ <= mask_) return true;
    top_seen_ = top_.load(std::memory_order_acquire);
    return bottom - top_seen_ <= mask_;
  }

  void Push(T* task) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    slots_[bottom & mask_].store(task, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  T* Pop(int64_t oldest = 0) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    if (bottom < oldest) return nullptr;
    if (top_.load(std::memory_order_relaxed) > bottom) return nullptr;
    bottom_.store(bottom, std::memory_order_seq_cst);
    int64_t top = top_.load(std::memory_order_seq_cst);
    if (top < bottom) return slots_[bottom & mask_].load(std::memory_order_relaxed);
    T* task = nullptr;
    if (top == bottom) {
      task = slots_[bottom & mask_].load(std::memory_order_relaxed);
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)) {
        task = nullptr;
      }
    }
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return task;
  }

  Taken<T> Steal(int64_t oldest = 0) {
    int64_t top = top_.load(std::memory_order_seq_cst);
    const int64_t bottom = bottom_.load(std::memory_order_seq_cst);
    if (top >= bottom || top < oldest) return Taken<T>::Empty();
    T* task = slots_[top & mask_].load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return Taken<T>::Lost();
    }
    return Taken<T>::Of(task);
  }

 private:
  static constexpr size_t kLineBytes = 128;

  const int64_t mask_;
  std::unique_ptr<std::atomic<T*>[]> slots_;
  alignas(kLineBytes) std::atomic<int64_t> bottom_{0};
  int64_t top_seen_ = 0;
  alignas(kLineBytes) std::atomic<int64_t> top_{0};
};

}  // namespace tally::by_hand
