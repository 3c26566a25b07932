// Asks the kernel now and then whether the machine has changed under the scheduler.
//
// Conflict: cpusets, masks and quotas change without a word (inotify sees what is written to a
// cgroup's files, but not through a container's own mount of them), so somebody has to ask; yet
// nobody may pay for it, neither workers in their tasks nor a program that does nothing. So a
// thread of its own asks, once a second, and rests while all workers sleep: the first one that
// wakes ends its rest. Price: one more thread, and what changes while all sleep is seen only then.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class MachineWatch {
 public:
  // `crew` is complete and outlives this. `look` is called on the watch's thread.
  MachineWatch(Crew<W>& crew, std::function<void()> look) : crew_(crew), look_(std::move(look)) {}
  ~MachineWatch() { Stop(); }
  MachineWatch(const MachineWatch&) = delete;
  MachineWatch& operator=(const MachineWatch&) = delete;

  absl::Status Start(Nanos interval) {
    const absl::Status status =
        thread_.Start({.name = "tally-machine"}, [this, interval] { Run(interval); });
    started_ = status.ok();
    return status;
  }
  void Stop() {
    if (!std::exchange(started_, false)) return;
    // release: pairs with the acquire in Stopped().
    stop_.store(1, std::memory_order_release);
    crew_.watch.bell.Unpark();
    thread_.Join();
  }

 private:
  void Run(Nanos interval) {
    for (;;) {
      crew_.watch.bell.ParkUntil(W::Now() + interval);
      if (Stopped()) return;
      RestWhileAllSleep();
      if (Stopped()) return;
      look_();
    }
  }

  void RestWhileAllSleep() {
    while (AllSleep() && !Stopped()) {
      // relaxed: the fence follows. It and the light one in Crew::EndWatchRest() forbid that a
      // worker neither ends our rest nor is seen awake.
      crew_.watch.rests.store(1, std::memory_order_relaxed);
      W::HeavyFence();
      if (AllSleep() && !Stopped()) crew_.watch.bell.Park();
    }
    crew_.watch.rests.store(0, std::memory_order_relaxed);  // relaxed: at worst a token too many
  }

  // Of the seats, those of spares are empty unless one stands in for a worker that blocks.
  bool AllSleep() const {
    return crew_.sleepers.SleepingIn({0, crew_.order.workers()}) >= crew_.size;
  }
  // acquire: pairs with the release in Stop().
  bool Stopped() const { return stop_.load(std::memory_order_acquire) != 0; }

  Crew<W>& crew_;
  const std::function<void()> look_;
  typename W::Line line_;
  typename W::template Atomic<uint32_t> stop_{line_, 0};
  typename W::Thread thread_;
  bool started_ = false;
};

}  // namespace tally
