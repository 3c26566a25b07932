// The floor: one thread sleeps on a word, the other sets it and wakes it.

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "benchmarks/wake/wake.h"

namespace tally::benchmarks::wake {
namespace {

class Word {
 public:
  void SetAndWake(uint32_t value) {
    value_.store(value, std::memory_order_release);
    syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  // Sleeps while it is 0, and resets it.
  uint32_t Take() {
    uint32_t value;
    while ((value = value_.exchange(0, std::memory_order_acquire)) == 0) {
      syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
    return value;
  }

 private:
  std::atomic<uint32_t> value_{0};
};

Measured After(int64_t pause_ns, const Setting& setting) {
  constexpr uint32_t kRun = 1, kQuit = 2;
  Word word;
  std::atomic<Began*> task{nullptr};
  std::thread sleeper([&] {
    while (word.Take() == kRun) task.load(std::memory_order_acquire)->Now();
  });
  Measured measured = Latencies(pause_ns, setting, [&](Began& began) {
    task.store(&began, std::memory_order_release);
    word.SetAndWake(kRun);
  });
  word.SetAndWake(kQuit);
  sleeper.join();
  return measured;
}

}  // namespace

Measured FutexLong(const Setting& setting) { return After(kLong, setting); }
Measured FutexShort(const Setting& setting) { return After(kShort, setting); }

}  // namespace tally::benchmarks::wake
