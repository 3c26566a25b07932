#include "tests/guest/check_bindings.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "numa/binding.h"
#include "tests/guest/kernel_view.h"

namespace tally::guest {
namespace {

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

void CheckBinding(const Topology& topology, const Binding& binding, const ThreadView& thread,
                  Verdict& verdict) {
  const Pu& pu = topology.pus()[binding.asked.index()];
  const std::vector<int> asked = CpusOfUnit(topology, binding.asked, binding.unit);
  const std::string what = Show(thread) + ", asked for " + FormatSet(asked);
  verdict.Claim(binding.granted == (thread.allowed == asked),
                what + (binding.granted ? ": says granted" : ": says not granted"));
  verdict.Claim(binding.cpus == thread.allowed, what + ": says " + FormatSet(binding.cpus));
  verdict.Claim(SameNode(topology, pu), what + ": node");
  if (binding.granted) {
    verdict.Thread(thread.allowed == asked, what);
  } else {
    verdict.Claim(!binding.why.empty(), what + ": no reason");
  }
}

// All refusals in one sentence: how many, and why the first.
void CheckSentences(const PlacementReport& report, Verdict& verdict) {
  size_t refused = 0;
  std::string why;
  for (const Binding& binding : report.workers) {
    if (binding.granted) continue;
    if (refused++ == 0) why = binding.why;
  }
  verdict.Claim(report.refused.size() == (refused > 0 ? 1 : 0),
                "one sentence if and only if refused");
  if (refused == 0) return;
  const std::string count =
      std::to_string(refused) + " of " + std::to_string(report.workers.size()) + " workers";
  verdict.Claim(Mentions(report.refused, count) && Mentions(report.refused, why),
                "not said: " + why);
  verdict.Claim(Mentions(report.degraded, why), "not among what is degraded: " + why);
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

}  // namespace

void CheckBindings(const Topology& topology, const PlacementReport& report, Verdict& verdict) {
  const std::vector<ThreadView> threads = ThreadsNamed("tally-");
  verdict.Claim(threads.size() == report.workers.size(), "one thread a worker");
  if (threads.size() != report.workers.size()) return;
  for (size_t w = 0; w < threads.size(); ++w) {
    CheckBinding(topology, report.workers[w], threads[w], verdict);
  }
  CheckSentences(report, verdict);
  for (const std::string& sentence : report.refused) verdict.Say(sentence);
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

}  // namespace tally::guest
