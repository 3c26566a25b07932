#include "benchmarks/scaling/scaling.h"

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "numa/check.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/world/world.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"

namespace tally::benchmarks {
namespace {

using TimedScheduler = BasicScheduler<TimedWorld>;
using TimedGroup = BasicTaskGroup<TimedWorld>;

constexpr int kTasks = 1'000;  // per worker
constexpr Nanos kTask = 100;

void Spawned(TimedScheduler& scheduler) {
  TimedGroup group(scheduler);
  for (int i = 0; i < scheduler.workers(); ++i) {
    group.Spawn([&scheduler] {
      TimedGroup tasks(scheduler);
      for (int task = 0; task < kTasks; ++task) {
        tasks.Spawn([] { TimedWorld::Work(kTask); });
      }
      tasks.Wait();
    });
  }
  group.Wait();
}

// The threads outside run on the package that the workers leave free.
void Submitted(TimedScheduler& scheduler) {
  TimedGroup group(scheduler);
  const auto cpus = static_cast<int32_t>(scheduler.topology().pus().size());
  std::vector<TimedWorld::Thread> threads(scheduler.workers());
  for (size_t i = 0; i < threads.size(); ++i) {
    const CpuId cpu(cpus - 1 - static_cast<int32_t>(i));
    const absl::Status started =
        threads[i].Start({.worker = {}, .cpu = cpu, .name = "outside"}, [&group] {
          for (int task = 0; task < kTasks; ++task) {
            group.Spawn([] { TimedWorld::Work(kTask); });
          }
        });
    TALLY_CHECK(started.ok(), "the imagined machine has that CPU");
  }
  for (TimedWorld::Thread& thread : threads) thread.Join();
  group.Wait();
}

// Of the second time, when everybody has been awake once.
absl::StatusOr<Nanos> Time(const std::shared_ptr<const Topology>& topology, int workers,
                           const std::function<void(TimedScheduler&)>& work) {
  Nanos took = 0;
  absl::Status created;
  const absl::Status simulated = RunTimed(*topology, MachineModel(), [&] {
    absl::StatusOr<std::unique_ptr<TimedScheduler>> scheduler =
        TimedScheduler::Create({.workers = workers, .topology = topology});
    created = scheduler.status();
    if (!created.ok()) return;
    work(**scheduler);
    const Nanos start = TimedWorld::Now();
    work(**scheduler);
    took = TimedWorld::Now() - start;
  });
  if (!simulated.ok()) return simulated;
  if (!created.ok()) return created;
  return took;
}

}  // namespace

const char kScalingMachine[] = "package:2 numa:1 l3:8 core:8 pu:1";

absl::StatusOr<std::vector<ScalingRow>> MeasureScaling(int workers_max) {
  absl::StatusOr<Topology> parsed = Topology::FromSpec(kScalingMachine);
  if (!parsed.ok()) return parsed.status();
  const auto topology = std::make_shared<const Topology>(*std::move(parsed));
  std::vector<ScalingRow> rows;
  for (int workers = 1; workers <= workers_max; workers *= 2) {
    const absl::StatusOr<Nanos> spawned = Time(topology, workers, Spawned);
    if (!spawned.ok()) return spawned.status();
    const absl::StatusOr<Nanos> submitted = Time(topology, workers, Submitted);
    if (!submitted.ok()) return submitted.status();
    rows.push_back({workers, *spawned, *submitted});
  }
  return rows;
}

}  // namespace tally::benchmarks
