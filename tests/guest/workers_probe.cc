// Where every worker runs.

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "numa/binding.h"
#include "numa/placement.h"
#include "scheduler/scheduler.h"
#include "tests/guest/check_bindings.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

std::unique_ptr<Scheduler> MakeScheduler(const SchedulerOptions& options, Verdict& verdict) {
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create(options);
  verdict.Claim(scheduler.ok(), "a scheduler can be made: " + scheduler.status().ToString());
  return scheduler.ok() ? *std::move(scheduler) : nullptr;
}

}  // namespace

int ProbeWorkers(const Arguments& arguments) {
  Verdict verdict;
  const absl::StatusOr<Placement> policy = ParsePlacement(arguments.at(0));
  verdict.Claim(policy.ok(), arguments[0] + " is a policy");
  if (!policy.ok()) return verdict.Finish();
  const std::string how = arguments.size() > 2 ? arguments[2] : "";
  SchedulerOptions options;
  options.placement = *policy;
  options.workers = std::atoi(arguments.at(1).c_str());
  options.bind_to = how == "l3"     ? BindingUnit::kL3
                    : how == "core" ? BindingUnit::kCore
                                    : BindingUnit::kPu;
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(options, verdict);
  if (scheduler == nullptr) return verdict.Finish();
  const PlacementReport& report = scheduler->Placement();
  CheckBindings(scheduler->topology(), report, verdict);
  verdict.Claim(report.refused.empty() == (how != "refused"), "refused or not");
  CheckTasks(*scheduler, verdict);
  for (const std::string& sentence : report.degraded) verdict.Say(sentence);
  return verdict.Finish();
}

int ProbeDefaultWorkers(const Arguments& arguments) {
  Verdict verdict;
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler({}, verdict);
  if (scheduler == nullptr) return verdict.Finish();
  verdict.Claim(scheduler->workers() == std::atoi(arguments.at(0).c_str()),
                "there are " + std::to_string(scheduler->workers()) + " workers");
  CheckBindings(scheduler->topology(), scheduler->Placement(), verdict);
  return verdict.Finish();
}

int ProbeRoundRobin(const Arguments& arguments) {
  Verdict verdict;
  const int workers = std::atoi(arguments.at(0).c_str());
  SchedulerOptions options;
  options.placement = PlacementPolicy::kRoundRobinNodes;
  options.workers = workers;
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(options, verdict);
  if (scheduler == nullptr) return verdict.Finish();
  // CPUs of the nodes, by the kernel alone.
  const std::vector<int> nodes = NodesWithCpus();
  const std::vector<ThreadView> threads = ThreadsNamed("tally-");
  verdict.Claim(static_cast<int>(threads.size()) == workers, "one thread a worker");
  for (size_t i = 0; i < threads.size(); ++i) {
    const int node = nodes[i % nodes.size()];
    const std::vector<int> cpus =
        ParseSet(FirstLine("/sys/devices/system/node/node" + std::to_string(node) + "/cpulist"));
    const int cpu = cpus[i / nodes.size() % cpus.size()];
    verdict.Thread(threads[i].cpu == cpu && threads[i].allowed == std::vector<int>{cpu},
                   Show(threads[i]) + ", must be on CPU " + std::to_string(cpu) + " of node " +
                       std::to_string(node));
  }
  return verdict.Finish();
}

}  // namespace tally::guest
