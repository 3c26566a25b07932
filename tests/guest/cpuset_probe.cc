// The cpuset changes under a running program.

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
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

}  // namespace

int ProbeCpusetChange(const Arguments& arguments) {
  Verdict verdict;
  const std::string& set = arguments.at(0);
  const size_t slash = set.find('/');
  verdict.Claim(EnterOwnCpuset(), "a cgroup can be made");
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create();
  verdict.Claim(scheduler.ok(), scheduler.status().ToString());
  if (!scheduler.ok()) return verdict.Finish();
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
  // What was true at the start is not any more, and is not said any more.
  const PlacementReport shrunk = (*scheduler)->PlacementNow();
  CheckBindings((*scheduler)->topology(), shrunk, verdict);
  CheckTasks(**scheduler, verdict);
  verdict.Claim(!shrunk.refused.empty(), "it says that workers are not where they were");
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
  const PlacementReport grown = (*scheduler)->PlacementNow();
  CheckBindings((*scheduler)->topology(), grown, verdict);
  CheckTasks(**scheduler, verdict);
  verdict.Claim(grown.refused.empty(), "all is as it was asked");
  return verdict.Finish();
}

}  // namespace tally::guest
