#include "benchmarks/harness/on_tally.h"
#include "benchmarks/submit/submit.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::submit {
namespace {

Measured From(int threads, const Setting& setting) {
  const absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = StartTally(setting);
  if (!scheduler.ok()) return scheduler.status();
  return FromOutside(threads, setting, [&scheduler = **scheduler] {
    // Refused only while shutting down; a lost task would be missing in the count.
    (void)scheduler.Submit([] { Ran::Count(); });
  });
}

}  // namespace

Measured OursFrom1(const Setting& setting) { return From(1, setting); }
Measured OursFrom4(const Setting& setting) { return From(4, setting); }

}  // namespace tally::benchmarks::submit
