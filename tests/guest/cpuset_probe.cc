// The cpuset changes under a running program.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "numa/effective_cpus.h"
#include "scheduler/scheduler.h"
#include "tests/guest/check_bindings.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/own_cpuset.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

// A few thousand tasks; returns how many ran.
int RunTasks(Scheduler& scheduler) {
  constexpr int kTasks = 4000;
  std::atomic<int> ran{0};
  TaskGroup group(scheduler);
  for (int i = 0; i < kTasks; ++i) group.Spawn([&] { ++ran; });
  group.Wait();
  return ran == kTasks ? kTasks : 0;
}

// Whether Placement() comes to be so while the scheduler works, and nobody calls PlacementNow().
template <class F>
bool SeesByItself(Scheduler& scheduler, const F& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds(scheduler.Placement())) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    RunTasks(scheduler);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

bool Mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
    return sentence.find(words) != std::string::npos;
  });
}

}  // namespace

int ProbeCpusetChange(const Arguments& arguments) {
  Verdict verdict;
  const std::string& set = arguments.at(0);
  const size_t slash = set.find('/');
  verdict.Claim(EnterOwnCpuset(), "a cgroup can be made");
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create();
  verdict.Claim(scheduler.ok(), scheduler.status().ToString());
  if (!scheduler.ok()) return verdict.Finish();
  const PlacementReport at_start = (*scheduler)->Placement();
  EffectiveCpusWatch watch((*scheduler)->topology());
  verdict.Claim(RunTasks(**scheduler) > 0, "tasks run before");

  verdict.Claim(SetOwnCpuset(set.substr(0, slash), set.substr(slash + 1)), "the cpuset can shrink");
  const std::vector<int> cpus = ParseSet(set.substr(0, slash));
  verdict.Claim(RunTasks(**scheduler) > 0, "tasks run after");
  for (const ThreadView& thread : ThreadsNamed("tally-")) {
    verdict.Thread(
        std::includes(cpus.begin(), cpus.end(), thread.allowed.begin(), thread.allowed.end()),
        thread.name + " may run on " + FormatSet(thread.allowed));
  }
  // What was true at the start is not any more, and is not said any more; without anybody's asking.
  verdict.Claim(SeesByItself(**scheduler,
                             [](const PlacementReport& report) {
                               return !report.refused.empty() &&
                                      Mentions(report.refused, "cpuset") &&
                                      Mentions(report.degraded,
                                               "CPUs from 8 to 2, memory nodes from 0-3 to 1");
                             }),
                "Placement() says by itself that the cpuset has shrunk");
  const PlacementReport shrunk = (*scheduler)->Placement();
  CheckBindings((*scheduler)->topology(), shrunk, verdict);
  CheckTasks(**scheduler, verdict);
  for (const std::string& sentence : shrunk.degraded) verdict.Say(sentence);
  const std::optional<EffectiveCpus> effective = watch.Poll();
  verdict.Claim(effective && effective->cpus.size() == cpus.size(), "the watch sees it");
  // A scheduler that begins now sees the machine as it has become.
  absl::StatusOr<std::unique_ptr<Scheduler>> second = Scheduler::Create();
  verdict.Claim(second.ok(), second.status().ToString());
  if (second.ok()) {
    verdict.Claim((*second)->workers() == static_cast<int>(cpus.size()),
                  "a new scheduler has " + std::to_string((*second)->workers()) + " workers");
    for (const Binding& binding : (*second)->Placement().workers) {
      verdict.Claim(binding.granted, "a new scheduler's worker is not bound: " + binding.why);
    }
  }
  if (second.ok()) second->reset();
  // Given back: the workers return to where they were bound.
  verdict.Claim(WidenOwnCpuset(), "the cpuset can grow");
  verdict.Claim(SeesByItself(**scheduler,
                             [](const PlacementReport& report) { return report.refused.empty(); }),
                "the workers return by themselves");
  const PlacementReport grown = (*scheduler)->Placement();
  CheckBindings((*scheduler)->topology(), grown, verdict);
  CheckTasks(**scheduler, verdict);
  verdict.Claim(grown == at_start, "all is as it was");
  verdict.Claim(SetOwnQuota("350000"), "a quota can be set");
  verdict.Claim(SeesByItself(**scheduler,
                             [](const PlacementReport& report) {
                               return Mentions(report.degraded, "CPU quota from none to 3.50 CPUs");
                             }),
                "Placement() says by itself that there is a quota");
  return verdict.Finish();
}

}  // namespace tally::guest
