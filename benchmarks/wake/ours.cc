#include "benchmarks/harness/on_tally.h"
#include "benchmarks/wake/wake.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::wake {
namespace {

Measured After(int64_t pause_ns, const Setting& setting) {
  const absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = StartTally(setting);
  if (!scheduler.ok()) return scheduler.status();
  return Latencies(pause_ns, setting, [&scheduler = **scheduler](Began& began) {
    // Refused only while shutting down; then the task never begins.
    (void)scheduler.Submit([&began] { began.Now(); });
  });
}

}  // namespace

Measured OursLong(const Setting& setting) { return After(kLong, setting); }
Measured OursShort(const Setting& setting) { return After(kShort, setting); }

}  // namespace tally::benchmarks::wake
