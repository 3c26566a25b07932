// tally run: a workload on the real scheduler, on this machine.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "numa/access_counters.h"
#include "numa/allocation_counters.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/world/real_world.h"
#include "sim/cli/command.h"
#include "sim/cli/outcome.h"
#include "sim/cli/progress.h"
#include "sim/cli/summary.h"
#include "sim/cli/tape.h"
#include "sim/cli/values.h"
#include "sim/cli/version.h"
#include "sim/workloads/workloads.h"

namespace tally::cli {
namespace {

using RealScheduler = BasicScheduler<RealWorld>;

uint64_t TasksSoFar(const RealScheduler& scheduler) {
  const WorkerStats total = scheduler.Stats().Total();
  uint64_t tasks = total.executed_inline;
  for (const uint64_t executed : total.executed) tasks += executed;
  return tasks;
}

Outcome Execute(const WorkloadChoice& workload, RealScheduler& scheduler) {
  Outcome outcome;
  {
    const ProgressThread progress([&] {
      return absl::StrCat("running ", workload.name, ": ", WithCommas(TasksSoFar(scheduler)),
                          " tasks");
    });
    const Nanos start = RealWorld::Now();
    outcome.status =
        RunWorkload<RealWorld>(workload.name, workload.size, scheduler, &outcome.result);
    outcome.elapsed_ns = RealWorld::Now() - start;
  }
  const absl::StatusOr<ShutdownReport> report = scheduler.Shutdown();
  if (outcome.status.ok()) outcome.status = report.status();
  outcome.stats = scheduler.Stats();
  return outcome;
}

std::optional<uint64_t> Since(std::optional<uint64_t> before, std::optional<uint64_t> after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
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
  absl::StatusOr<std::unique_ptr<Tape>> tape = Tape::Create(RecordPathFrom(words));
  if (!tape.ok()) return tape.status();

  // No spares: the hardware's counters count the workers' threads, so nobody else may run tasks.
  SchedulerOptions options{
      .workers = *workers, .placement = *placement, .seed = *seed, .spares = 0};
  if (absl::Status bind = BindFrom(words, options); !bind.ok()) return bind;
  const absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, RealWorld::kSimulated);
  if (!plan.ok()) return plan.status();
  options.topology = plan->topology;
  RecordingHeader header = MakeRecordingHeader(*plan, options, RealWorld::kSimulated);
  header.workload = workload->name;
  header.size = workload->size;
  header.program_version = kVersion;
  options.recorder = (*tape)->Start(std::move(header), {});

  AccessCounters counters(plan->cpus.size());
  options.on_worker_start = [&](WorkerId worker) { counters.Start(worker.index()); };
  const std::optional<uint64_t> given_before = PagesGivenAcrossNodes();

  absl::StatusOr<std::unique_ptr<RealScheduler>> scheduler = RealScheduler::Create(options);
  if (!scheduler.ok()) return scheduler.status();
  Outcome outcome = Execute(*workload, **scheduler);
  outcome.accesses = {.hardware = counters.Read(),
                      .pages_given_across_nodes = Since(given_before, PagesGivenAcrossNodes())};
  const absl::Status written = (*tape)->Finish();
  if (!outcome.status.ok()) return outcome.status;
  if (!written.ok()) return absl::DataLossError(written.message());

  const bool json = words.Has("--json");
  const absl::StatusOr<std::string> text = Describe(**tape, outcome, json);
  if (!text.ok()) return text.status();
  std::fputs(text->c_str(), stdout);
  if (!json) {
    if (*workers == 0) std::printf("\n  workers: %s", (*scheduler)->Placement().sizing.c_str());
    for (const std::string& sentence : (*scheduler)->Placement().degraded) {
      std::printf("\n  note: %s", sentence.c_str());
    }
    std::puts("");
  }
  return 0;
}

}  // namespace

Command RunCommand() {
  return {{.command = "run",
           .summary = "runs a workload on this machine",
           .argument = "WORKLOAD",
           .argument_help = WorkloadNames(),
           .flags = {SizeFlag(), WorkersFlag("one per core, within the CPU quota"), PlacementFlag(),
                     BindFlag(), SeedFlag(), RecordFlag(), JsonFlag()},
           .footer = WorkloadTable()},
          Run};
}

}  // namespace tally::cli
