#include "sim/workloads/workloads.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "sim/workloads/burst.h"
#include "sim/workloads/fib.h"
#include "sim/workloads/nqueens.h"
#include "sim/workloads/priorities.h"
#include "sim/workloads/skynet.h"
#include "sim/workloads/stream.h"
#include "sim/workloads/uneven.h"

namespace tally {
namespace {

template <class W>
using Run = absl::StatusOr<WorkloadResult> (*)(uint64_t size, BasicScheduler<W>&);

template <class W>
struct Row {
  const WorkloadInfo& info;
  Run<W> run;
};

template <class W>
constexpr Row<W> kTable[] = {
    {workloads::kFib, workloads::RunFib<W>},
    {workloads::kNqueens, workloads::RunNqueens<W>},
    {workloads::kSkynet, workloads::RunSkynet<W>},
    {workloads::kUneven, workloads::RunUneven<W>},
    {workloads::kBurst, workloads::RunBurst<W>},
    {workloads::kPriorityMix, workloads::RunPriorities<W>},
    {workloads::kStream, workloads::RunStreamPlaced<W>},
    {workloads::kStreamUnplaced, workloads::RunStreamUnplaced<W>},
};

// Abseil's string_view is its own type in Debian's build.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

const std::vector<WorkloadInfo>& Workloads() {
  static const auto* const infos = [] {
    auto* all = new std::vector<WorkloadInfo>;
    for (const Row<RealWorld>& row : kTable<RealWorld>) all->push_back(row.info);
    return all;
  }();
  return *infos;
}

const WorkloadInfo* FindWorkload(std::string_view name) {
  for (const WorkloadInfo& info : Workloads()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

absl::Status CheckWorkloadSize(const WorkloadInfo& workload, uint64_t size) {
  if (size >= workload.min_size && size <= workload.max_size) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "size ", size, " is out of range for ", View(workload.name), ": use ", workload.min_size,
      " to ", workload.max_size, " (", View(workload.size_means), ")"));
}

template <class W>
absl::Status RunWorkload(std::string_view name, uint64_t size, BasicScheduler<W>& scheduler,
                         WorkloadResult* result) {
  for (const Row<W>& row : kTable<W>) {
    if (row.info.name != name) continue;
    if (absl::Status in_range = CheckWorkloadSize(row.info, size); !in_range.ok()) return in_range;
    const absl::StatusOr<WorkloadResult> outcome = row.run(size, scheduler);
    if (!outcome.ok()) return outcome.status();
    if (result != nullptr) *result = *outcome;
    if (outcome->answer == outcome->expected) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("wrong result: ", View(name), " ", size, " gave ",
                                            outcome->answer, " instead of ", outcome->expected));
  }
  return absl::NotFoundError(absl::StrCat("there is no workload named '", View(name), "'"));
}

template absl::Status RunWorkload(std::string_view, uint64_t, BasicScheduler<RealWorld>&,
                                  WorkloadResult*);
template absl::Status RunWorkload(std::string_view, uint64_t, BasicScheduler<TimedWorld>&,
                                  WorkloadResult*);

}  // namespace tally
