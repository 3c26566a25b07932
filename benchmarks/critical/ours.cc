#include "benchmarks/critical/critical.h"
#include "benchmarks/harness/on_tally.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::critical {
namespace {

struct Low {
  Scheduler& scheduler;
  const std::atomic<bool>& over;

  void operator()() const {
    LowTask();
    // relaxed: one task more does no harm. Tasks may submit until the scheduler has drained.
    if (over.load(std::memory_order_relaxed)) return;
    (void)scheduler.Submit(*this, {.priority = Priority::kLow});
  }
};

}  // namespace

Measured Ours(const Setting& setting) {
  const absl::StatusOr<std::unique_ptr<Scheduler>> started = StartTally(setting);
  if (!started.ok()) return started.status();
  Scheduler& scheduler = **started;
  std::atomic<bool> over{false};
  for (int i = 0; i < kQueuedPerWorker * setting.workers; ++i) {
    const absl::Status submitted =
        scheduler.Submit(Low{scheduler, over}, {.priority = Priority::kLow});
    if (!submitted.ok()) return submitted;
  }
  Measured measured = Latencies(setting, [&scheduler](Sample& sample) {
    // Refused only while shutting down; then the task never begins.
    (void)scheduler.Submit([&sample] { sample.Began(); }, {.priority = Priority::kCritical});
  });
  over.store(true, std::memory_order_relaxed);
  // Before `over` is gone.
  const absl::StatusOr<ShutdownReport> drained = scheduler.Shutdown();
  return drained.ok() ? measured : drained.status();
}

}  // namespace tally::benchmarks::critical
