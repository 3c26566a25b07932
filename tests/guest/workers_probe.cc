// Where every worker runs.

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/scheduler.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

std::unique_ptr<Scheduler> MakeScheduler(const Placement& policy, int workers, Verdict& verdict) {
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler =
      Scheduler::Create({.workers = workers, .placement = policy});
  verdict.Claim(scheduler.ok(), "a scheduler can be made: " + scheduler.status().ToString());
  return scheduler.ok() ? *std::move(scheduler) : nullptr;
}

std::string Show(const ThreadView& thread) {
  return thread.name + " runs on CPU " + std::to_string(thread.cpu) + ", may run on " +
         FormatSet(thread.allowed);
}

// The node that Tally counts the PU to is the kernel's, unless that has no memory for us.
bool SameNode(const Topology& topology, const Pu& pu) {
  const int node = NodeOfCpu(pu.os_index);
  if (!pu.node.valid()) return node < 0 || !MayUseMemoryOf(node);
  return topology.nodes()[pu.node.index()].os_index == node;
}

bool Mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
    return sentence.find(words) != std::string::npos;
  });
}

// Holds every report of a binding against the kernel.
void CheckBindings(const Scheduler& scheduler, bool refused, Verdict& verdict) {
  const PlacementReport& report = scheduler.Placement();
  const std::vector<ThreadView> threads = ThreadsNamed("tally-");
  verdict.Claim(threads.size() == report.workers.size(), "one thread a worker");
  if (threads.size() != report.workers.size()) return;
  for (size_t w = 0; w < threads.size(); ++w) {
    const Binding& binding = report.workers[w];
    const Pu& pu = scheduler.topology().pus()[binding.asked.index()];
    const std::string asked = ", asked for CPU " + std::to_string(pu.os_index);
    const bool bound = threads[w].allowed == std::vector<int>{pu.os_index};
    verdict.Claim(binding.granted == bound,
                  Show(threads[w]) + asked + (binding.granted ? ", granted" : ", not granted"));
    verdict.Claim(binding.granted == !refused, Show(threads[w]) + ": " + binding.why);
    verdict.Claim(SameNode(scheduler.topology(), pu), Show(threads[w]) + asked + ": node");
    if (binding.granted) {
      verdict.Thread(threads[w].cpu == pu.os_index, Show(threads[w]) + asked);
    } else {
      verdict.Claim(!binding.why.empty(), Show(threads[w]) + ": no reason");
      verdict.Claim(Mentions(report.degraded, binding.why),
                    "unsaid in Placement(): " + binding.why);
      verdict.Say(binding.why);
    }
  }
}

// One task on every worker at the same time; each says on which thread and CPU it ran.
std::vector<std::pair<std::string, int>> RunOneTaskEach(Scheduler& scheduler, Verdict& verdict) {
  const int workers = scheduler.workers();
  std::mutex mutex;
  std::vector<std::pair<std::string, int>> seen;
  std::atomic<int> arrived{0};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  TaskGroup group(scheduler);
  for (int i = 0; i < workers; ++i) {
    group.Spawn([&] {
      char name[16] = "";
      pthread_getname_np(pthread_self(), name, sizeof name);
      {
        const std::lock_guard<std::mutex> lock(mutex);
        seen.emplace_back(name, sched_getcpu());
      }
      ++arrived;
      while (arrived < workers && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    });
  }
  group.Wait();
  verdict.Claim(std::chrono::steady_clock::now() < deadline, "every worker takes a task");
  std::sort(seen.begin(), seen.end());
  return seen;
}

void CheckTasks(Scheduler& scheduler, Verdict& verdict) {
  const std::vector<ThreadView> threads = ThreadsNamed("tally-");
  for (const auto& seen : RunOneTaskEach(scheduler, verdict)) {
    const auto& [name, cpu] = seen;
    const auto thread = std::find_if(threads.begin(), threads.end(), [&](const ThreadView& view) {
      return view.name == seen.first;
    });
    verdict.Thread(thread != threads.end() &&
                       std::count(thread->allowed.begin(), thread->allowed.end(), cpu) == 1,
                   "a task of " + name + " ran on CPU " + std::to_string(cpu));
  }
}

}  // namespace

int ProbeWorkers(const Arguments& arguments) {
  Verdict verdict;
  const absl::StatusOr<Placement> policy = ParsePlacement(arguments.at(0));
  verdict.Claim(policy.ok(), arguments[0] + " is a policy");
  if (!policy.ok()) return verdict.Finish();
  const std::unique_ptr<Scheduler> scheduler =
      MakeScheduler(*policy, std::atoi(arguments.at(1).c_str()), verdict);
  if (scheduler == nullptr) return verdict.Finish();
  CheckBindings(*scheduler, arguments.size() > 2 && arguments[2] == "refused", verdict);
  CheckTasks(*scheduler, verdict);
  for (const std::string& sentence : scheduler->Placement().degraded) verdict.Say(sentence);
  return verdict.Finish();
}

int ProbeRoundRobin(const Arguments& arguments) {
  Verdict verdict;
  const int workers = std::atoi(arguments.at(0).c_str());
  const std::unique_ptr<Scheduler> scheduler =
      MakeScheduler(PlacementPolicy::kRoundRobinNodes, workers, verdict);
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
