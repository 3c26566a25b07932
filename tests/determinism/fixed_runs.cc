#include "tests/determinism/fixed_runs.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/recorder.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"
#include "sim/workloads/workloads.h"

namespace tally {
namespace {

constexpr char kTwoPackages[] = "package:2 numa:1 core:8 pu:1";
constexpr char kChiplets[] = "package:2 numa:2 l3:2 core:4 pu:2";
constexpr char kTwentyFourNodes[] = "package:24 numa:1 l3:1 core:4 pu:1";
constexpr char kLarge[] = "package:2 numa:4 l3:2 core:8 pu:1";
constexpr char kOneCpu[] = "package:1 core:1 pu:1";

absl::Status Run(const FixedRun& run, const SchedulerOptions& options) {
  absl::StatusOr<std::unique_ptr<BasicScheduler<TimedWorld>>> scheduler =
      BasicScheduler<TimedWorld>::Create(options);
  if (!scheduler.ok()) return scheduler.status();
  const absl::Status status = RunWorkload<TimedWorld>(run.workload, run.size, **scheduler);
  if (!status.ok()) return status;
  return (*scheduler)->Shutdown().status();
}

std::string Describe(const FixedRun& run) {
  return absl::StrFormat("%-15s %5d  %4d workers %-11s seed %-3d on %-36s", run.workload, run.size,
                         run.workers, run.placement, run.seed, run.topology);
}

}  // namespace

const std::vector<FixedRun>& FixedRuns() {
  static const auto* const runs = new std::vector<FixedRun>{
      {"fib", 14, 1, "compact", 1, kOneCpu},
      {"fib", 16, 16, "compact", 1, kTwoPackages},
      {"fib", 16, 64, "scatter", 2, kLarge},
      {"nqueens", 7, 16, "compact", 7, kTwoPackages},
      {"nqueens", 7, 16, "compact", 8, kTwoPackages},
      {"nqueens", 7, 16, "round-robin", 7, kTwoPackages},
      {"nqueens", 8, 96, "compact", 1, kTwentyFourNodes},
      {"skynet", 3, 32, "compact", 1, kChiplets},
      {"skynet", 3, 32, "scatter", 1, kChiplets},
      {"uneven", 600, 16, "compact", 3, kTwoPackages},
      {"uneven", 600, 128, "compact", 3, kLarge},
      {"burst", 50, 16, "compact", 1, kTwoPackages},
      {"priorities", 400, 8, "compact", 5, kTwoPackages},
      {"stream", 64, 16, "compact", 1, kTwoPackages},
      {"stream", 96, 96, "round-robin", 1, kTwentyFourNodes},
      {"stream-unplaced", 64, 16, "compact", 1, kTwoPackages},
      // More workers than PUs: they take turns.
      {"nqueens", 6, 5, "compact", 1, "package:1 core:2 pu:1"},
  };
  return *runs;
}

std::string Outcome(const FixedRun& run) {
  const absl::StatusOr<Topology> topology = Topology::FromSpec(run.topology);
  if (!topology.ok()) return absl::StrCat(Describe(run), topology.status().message());
  const absl::StatusOr<Placement> placement = ParsePlacement(run.placement);
  if (!placement.ok()) return absl::StrCat(Describe(run), placement.status().message());
  SchedulerOptions options{.workers = run.workers,
                           .topology = std::make_shared<const Topology>(*topology),
                           .placement = *placement,
                           .seed = run.seed};
  const absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, TimedWorld::kSimulated);
  if (!plan.ok()) return absl::StrCat(Describe(run), plan.status().message());
  Recorder recorder(MakeRecordingHeader(*plan, options, TimedWorld::kSimulated), {},
                    {.collector_thread = false});
  options.recorder = &recorder;
  absl::Status status;
  TimedReport report;
  const absl::Status simulated = RunTimed(
      *topology, MachineModel(), [&] { status = Run(run, options); }, &report);
  if (!simulated.ok()) return absl::StrCat(Describe(run), simulated.message());
  if (!status.ok()) return absl::StrCat(Describe(run), status.message());
  return absl::StrCat(Describe(run), " ", FingerprintText(recorder.Finish().fingerprint), " ",
                      report.end_ns, " ns");
}

std::string Goldens() {
  std::string text =
      "# What fixed simulations decide (fingerprint) and how long they take in virtual time.\n"
      "# Written by: bazel run //tests/determinism:regenerate\n";
  for (const FixedRun& run : FixedRuns()) absl::StrAppend(&text, Outcome(run), "\n");
  return text;
}

}  // namespace tally
