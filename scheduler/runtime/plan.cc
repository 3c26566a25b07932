#include "scheduler/runtime/plan.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/binding.h"
#include "numa/bound_memory.h"
#include "numa/effective_cpus.h"
#include "numa/kernel_grants.h"
#include "numa/placement.h"
#include "numa/say_once.h"
#include "scheduler/policy/stand_ins.h"

namespace tally {
namespace {

// For who does not ask for a number; notes why in `plan`.
int DefaultCount(const SchedulerOptions& options, bool simulated, SchedulerPlan& plan) {
  const Topology& topology = *plan.topology;
  WorkerCount count = DefaultWorkers(topology, ReadEffectiveCpus(topology), options.placement);
  // Real workers on an imagined machine still run on this one.
  if (!simulated && !topology.is_this_machine()) {
    count.workers = std::min(count.workers, AllowedCpus());
  }
  plan.sizing = std::move(count.why);
  return std::clamp(count.workers, 1, kMaxWorkers);
}

}  // namespace

std::vector<CpuId> WithSpares(std::vector<CpuId> cpus, uint32_t spares) {
  const size_t workers = cpus.size();
  for (uint32_t s = 0; s < spares; ++s) cpus.push_back(cpus[s % workers]);
  return cpus;
}

absl::StatusOr<SchedulerPlan> PlanScheduler(const SchedulerOptions& options, bool simulated) {
  constexpr int kMostSpares = StandIns::kMostSpares;
  if (options.spares.has_value() && (*options.spares < 0 || *options.spares > kMostSpares)) {
    return absl::InvalidArgumentError(
        absl::StrCat("spares must be between 0 and ", kMostSpares, ", not ", *options.spares));
  }
  if (options.workers < 0 || options.workers > kMaxWorkers) {
    return absl::InvalidArgumentError(absl::StrCat("workers must be between 1 and ", kMaxWorkers,
                                                   " (or 0 for one per core), not ",
                                                   options.workers));
  }
  constexpr int kMostHelpers = StandIns::kMostHelpers;
  if (options.outside_helpers < 0 || options.outside_helpers > kMostHelpers) {
    return absl::InvalidArgumentError(absl::StrCat(
        "outside_helpers must be between 0 and ", kMostHelpers, ", not ", options.outside_helpers));
  }
  SchedulerPlan plan{.topology = options.topology, .cpus = {}, .sizing = "as asked"};
  if (plan.topology == nullptr) {
    absl::StatusOr<Topology> live = Topology::FromSpec("live");
    if (!live.ok()) return live.status();
    plan.topology = std::make_shared<const Topology>(*std::move(live));
  }
  if (plan.topology->pus().empty() || plan.topology->nodes().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the topology ", plan.topology->spec(),
                     " has no PU or no NUMA node: give one with at least one of each"));
  }
  if (absl::Status status = CheckPlacement(*plan.topology, options.placement); !status.ok()) {
    return status;
  }
  const int workers =
      options.workers > 0 ? options.workers : DefaultCount(options, simulated, plan);
  plan.cpus = PlaceWorkers(*plan.topology, options.placement, workers);
  const int spares = options.spares.value_or(
      std::min((simulated ? 0 : workers) + options.outside_helpers, kMostSpares));
  plan.spares = static_cast<uint32_t>(std::min(spares, kMaxWorkers - workers));
  return plan;
}

RecordingHeader MakeRecordingHeader(const SchedulerPlan& plan, const SchedulerOptions& options,
                                    bool simulated) {
  const Topology& topology = *plan.topology;
  RecordingHeader header;
  header.world = simulated ? "timed" : "real";
  header.topology = topology.spec();
  header.topology_summary = topology.Summary();
  header.placement = PlacementName(options.placement);
  header.policy = "nearest-first";
  header.seed = options.seed;
  header.spares = plan.spares;
  for (const CpuId cpu : WithSpares(plan.cpus, plan.spares)) {
    const Pu& pu = topology.pus()[cpu.index()];
    header.workers.push_back(
        {.cpu = cpu, .os_cpu = pu.os_index, .node = pu.node, .l3 = pu.l3, .package = pu.package});
  }
  const int nodes = static_cast<int>(topology.nodes().size());
  for (int from = 0; from < nodes; ++from) {
    header.node_os_indexes.push_back(topology.nodes()[from].os_index);
    for (int to = 0; to < nodes; ++to) {
      header.node_distances.push_back(topology.NodeDistance(NodeId(from), NodeId(to)));
    }
  }
  if (simulated) {
    header.cross_node_source = "declared touches, simulated first-touch homes";
  } else if (topology.is_this_machine()) {
    header.cross_node_source = "declared touches, homes by the kernel (move_pages)";
  } else {
    header.cross_node_source = "unknown: the topology is not this machine's";
  }
  return header;
}

void DescribePlacement(const Topology& topology, bool simulated, PlacementReport& placement) {
  placement.degraded = topology.degraded();
  placement.refused.clear();
  if (simulated) return;
  for (const std::string& sentence : placement.memory) {
    placement.degraded.push_back(sentence);
    SayOnce(sentence);
  }
  if (!placement.lost_memory.empty()) placement.degraded.push_back(placement.lost_memory);
  // Who asks for nothing that has to do with nodes need not hear it with each start.
  if (topology.nodes().size() == 1 && placement.policy == PlacementPolicy::kRoundRobinNodes) {
    SayOnce(kOneNode);
  }
  size_t refused = 0;
  const Binding* first = nullptr;
  bool alike = true, asked = true;
  for (const Binding& binding : placement.workers) {
    if (binding.granted) continue;
    ++refused;
    if (first == nullptr) first = &binding;
    alike = alike && binding.why == first->why;
    asked = asked && binding.why != kNotAsked;
  }
  if (first == nullptr) return;
  // One sentence, for all that a thousand workers have to say: each one's reason is in `workers`.
  placement.refused.push_back(absl::StrCat(refused, " of ", placement.workers.size(),
                                           " workers run where the kernel puts them",
                                           alike ? ": " : ", the first because ", first->why));
  placement.degraded.push_back(placement.refused.back());
  if (asked) SayOnce(placement.refused.back());
}

PlacementReport CheckPlacementNow(const Topology& topology, const PlacementReport& at_start) {
  PlacementReport now = at_start;
  for (Binding& binding : now.workers) binding = CheckBinding(topology, binding);
  now.effective = ReadEffectiveCpus(topology);
  RevalidateBoundMemory();
  now.lost_memory = DescribeLostMemory();
  if (now.effective.memory_nodes != at_start.effective.memory_nodes) {
    now.memory = WhyMemoryCannotBePlaced(topology);
  }
  DescribePlacement(topology, false, now);
  const std::string change = DescribeChange(at_start.effective, now.effective);
  if (!change.empty()) {
    const bool other_cpus = at_start.effective.cpus != now.effective.cpus ||
                            at_start.effective.quota != now.effective.quota;
    now.degraded.push_back(absl::StrCat(
        "Since the ", now.workers.size(),
        " workers started, what this process may use has changed: ", change, ".",
        other_cpus ? " This scheduler keeps its workers: create another for as many as fit now."
                   : ""));
    SayOnce(now.degraded.back());
  }
  return now;
}

std::string DescribeException(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "not a std::exception";
  }
}

}  // namespace tally
