// Looks now and then whether work is queued while everybody sleeps, and says so. For debug builds:
// correctness does not rest on it, and it wakes nobody.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/ids.h"
#include "scheduler/policy/stall.h"
#include "scheduler/runtime/crew.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Watchdog {
 public:
  using OnStall = std::function<void(const std::string&)>;

  // `crew` is complete and outlives this. Without `on_stall`, it is told on standard error.
  Watchdog(Crew<W>& crew, OnStall on_stall)
      : crew_(crew), on_stall_(on_stall != nullptr ? std::move(on_stall) : OnStall(Print)) {}
  ~Watchdog() { Stop(); }

  absl::Status Start(Nanos interval) {
    const absl::Status status = thread_.Start({.name = "tally-watchdog"}, [this, interval] {
      while (!bell_.ParkUntil(W::Now() + interval)) Look();
    });
    started_ = status.ok();
    return status;
  }
  void Stop() {
    if (!std::exchange(started_, false)) return;
    bell_.Unpark();
    thread_.Join();
  }

 private:
  static void Print(const std::string& sentence) {
    std::fprintf(stderr, "tally: %s\n", sentence.c_str());
  }

  void Look() {
    const StallFacts facts = Facts();
    if (judge_.IsStalled(facts)) on_stall_(InWords(facts));
  }

  StallFacts Facts() const {
    StallFacts facts;
    facts.workers = crew_.size + crew_.spares->Extra();
    for (const std::unique_ptr<Worker<W>>& worker : crew_.workers) {
      const WorkerStats stats = worker->Stats();
      facts.queued += stats.queued;
      facts.progress += stats.executed_inline + stats.parks + stats.waits_parked + stats.wakes +
                        stats.spurious_wakes + stats.injector_takes;
      for (const uint64_t executed : stats.executed) facts.progress += executed;
    }
    facts.queued += QueuedInInjectors();
    // Last: who has found something since is no longer asleep.
    facts.asleep = crew_.sleepers.SleepingIn({0, crew_.order.workers()});
    facts.waiting = crew_.blocked.Peek();
    return facts;
  }

  int64_t QueuedInInjectors() const {
    int64_t queued = 0;
    for (const auto& node : crew_.injectors) {
      for (const auto& injector : node.level) queued += injector.PeekQueued();
      queued += node.mailbox.PeekQueued();
    }
    return queued;
  }

  std::string InWords(const StallFacts& facts) const {
    return absl::StrCat("work queued and everybody asleep: ", facts.queued, " tasks (",
                        QueuedInInjectors(), " of them in injectors), ", facts.asleep, " of ",
                        facts.workers, " workers asleep, ", facts.waiting,
                        " parked in waits; nothing has moved between two looks. Either tasks wait "
                        "for each other, or a wake-up was lost, which is a defect of Tally");
  }

  Crew<W>& crew_;
  const OnStall on_stall_;
  StallJudge judge_;
  typename W::Parker bell_;
  typename W::Thread thread_;
  bool started_ = false;
};

}  // namespace tally
