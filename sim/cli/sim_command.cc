// tally sim: the same scheduler and the same workloads in virtual time, on any machine.

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "sim/checkers/run_checks.h"
#include "sim/cli/command.h"
#include "sim/cli/outcome.h"
#include "sim/cli/progress.h"
#include "sim/cli/tape.h"
#include "sim/cli/values.h"
#include "sim/cli/version.h"
#include "sim/metrics/metrics_report.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"
#include "sim/workloads/workloads.h"

namespace tally::cli {
namespace {

using TimedScheduler = BasicScheduler<TimedWorld>;

// Inside the simulation.
Outcome Execute(const WorkloadChoice& workload, const SchedulerOptions& options) {
  Outcome outcome;
  absl::StatusOr<std::unique_ptr<TimedScheduler>> scheduler = TimedScheduler::Create(options);
  if (!scheduler.ok()) {
    outcome.status = scheduler.status();
    return outcome;
  }
  const Nanos start = TimedWorld::Now();
  outcome.status =
      RunWorkload<TimedWorld>(workload.name, workload.size, **scheduler, &outcome.result);
  outcome.elapsed_ns = TimedWorld::Now() - start;
  const absl::StatusOr<ShutdownReport> report = (*scheduler)->Shutdown();
  if (outcome.status.ok()) outcome.status = report.status();
  outcome.stats = (*scheduler)->Stats();
  return outcome;
}

absl::Status Simulate(const WorkloadChoice& workload, const SchedulerOptions& options,
                      Outcome& outcome) {
  ProgressLine line;
  const TimedLimits limits{.progress = [&](Nanos now) {
    line.Show([&] {
      return absl::StrCat("simulating ", workload.name, ": ",
                          DurationText(static_cast<uint64_t>(now)), " of virtual time");
    });
  }};
  return RunTimed(
      *options.topology, MachineModel(), [&] { outcome = Execute(workload, options); }, nullptr,
      limits);
}

absl::StatusOr<int> Run(const Words& words) {
  const absl::StatusOr<WorkloadChoice> workload = WorkloadFrom(words);
  if (!workload.ok()) return workload.status();
  const absl::StatusOr<int> workers = WorkersFrom(words);
  if (!workers.ok()) return workers.status();
  const absl::StatusOr<uint64_t> seed = SeedFrom(words);
  if (!seed.ok()) return seed.status();
  const absl::StatusOr<Placement> placement = PlacementFrom(words);
  if (!placement.ok()) return placement.status();
  absl::StatusOr<std::shared_ptr<const Topology>> topology = TopologyFrom(words);
  if (!topology.ok()) return topology.status();
  absl::StatusOr<std::unique_ptr<Tape>> tape = Tape::Create(RecordPathFrom(words));
  if (!tape.ok()) return tape.status();

  SchedulerOptions options{
      .workers = *workers, .topology = *topology, .placement = *placement, .seed = *seed};
  const absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, TimedWorld::kSimulated);
  if (!plan.ok()) return plan.status();
  RecordingHeader header = MakeRecordingHeader(*plan, options, TimedWorld::kSimulated);
  header.workload = workload->name;
  header.size = workload->size;
  header.program_version = kVersion;
  options.recorder = (*tape)->Start(std::move(header), {.collector_thread = false});

  Outcome outcome;
  const absl::Status simulated = Simulate(*workload, options, outcome);
  const absl::Status written = (*tape)->Finish();
  if (!simulated.ok()) return simulated;
  if (!outcome.status.ok()) return outcome.status;
  if (!written.ok()) return absl::DataLossError(written.message());

  const absl::StatusOr<std::string> text = Describe(**tape, outcome, words.Has("--json"));
  if (!text.ok()) return text.status();
  std::fputs(text->c_str(), stdout);
  if (!(*tape)->recording()) return 0;
  const std::vector<std::string> broken = CheckSimulatedRun(*(*tape)->recording());
  for (const std::string& sentence : broken) std::fprintf(stderr, "tally: %s\n", sentence.c_str());
  return broken.empty() ? 0 : 1;
}

}  // namespace

Command SimCommand() {
  return {{.command = "sim",
           .summary = "runs a workload in virtual time, on any machine",
           .argument = "WORKLOAD",
           .argument_help = WorkloadNames(),
           .flags = {TopologyFlag(), SizeFlag(), WorkersFlag("one per core of the topology"),
                     PlacementFlag(), SeedFlag(), RecordFlag(), JsonFlag()},
           .footer = WorkloadTable()},
          Run};
}

}  // namespace tally::cli
