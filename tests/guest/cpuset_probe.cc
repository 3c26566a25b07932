// The cpuset changes under a running program.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "numa/effective_cpus.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"
#include "numa/node_buffer.h"
#include "scheduler/memory.h"
#include "scheduler/scheduler.h"
#include "tests/guest/check_bindings.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/own_cpuset.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

// Whether all of them run.
bool RunTasks(Scheduler& scheduler, int tasks = 4000) {
  std::atomic<int> ran{0};
  TaskGroup group(scheduler);
  for (int i = 0; i < tasks; ++i) group.Spawn([&] { ++ran; });
  group.Wait();
  return ran == tasks;
}

// Whether Placement() comes to be so while the scheduler works, and nobody calls PlacementNow().
template <class F>
bool SeesByItself(Scheduler& scheduler, const F& holds) {
  // Moving pages has every CPU drain its lists, which takes seconds where each is emulated.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds(scheduler.Placement())) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    RunTasks(scheduler, 8);  // or nobody looks
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

// Whether each page in there is on `node` (the kernel's number).
bool AllOn(const void* at, size_t bytes, int node, Verdict& verdict) {
  bool all = true;
  for (const int home : NodesOfPages(at, bytes)) {
    verdict.Page(home == node,
                 "a page on node " + std::to_string(home) + ", not " + std::to_string(node));
    all = all && home == node;
  }
  return all;
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
  verdict.Claim(RunTasks(**scheduler), "tasks run before");

  verdict.Claim(SetOwnCpuset(set.substr(0, slash), set.substr(slash + 1)), "the cpuset can shrink");
  const std::vector<int> cpus = ParseSet(set.substr(0, slash));
  verdict.Claim(RunTasks(**scheduler), "tasks run after");
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
                               return Mentions(report.degraded,
                                               "CPU quota from none to 3.50 CPUs") &&
                                      Mentions(report.degraded, "create another");
                             }),
                "Placement() says by itself that there is a quota");
  return verdict.Finish();
}

int ProbeMemoryLookedAfter(const Arguments&) {
  Verdict verdict;
  verdict.Claim(EnterOwnCpuset(), "a cgroup can be made");
  absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create();
  verdict.Claim(scheduler.ok(), scheduler.status().ToString());
  if (!scheduler.ok()) return verdict.Finish();
  const Topology& topology = (*scheduler)->topology();
  const NodeId three = topology.NodeByOsIndex(3);
  constexpr size_t kBytes = 512 << 10;
  std::vector<NodeBuffer> buffers;
  for (const MemoryMode mode : {MemoryMode::kPreferred, MemoryMode::kBind}) {
    buffers.push_back(*NodeBuffer::Create(topology, kBytes, {mode, {three}}));
    std::memset(buffers.back().data(), 1, kBytes);
  }
  const auto array = NodeArray<double>::Create(**scheduler, 200'000);
  verdict.Claim(array.ok(), array.status().ToString());
  if (!array.ok()) return verdict.Finish();
  const auto check_pages = [&] {
    for (const NodeBuffer& buffer : buffers) AllOn(buffer.data(), buffer.size(), 3, verdict);
    for (const Stretch& s : array->stretches()) {
      AllOn(array->data() + s.first, (s.last - s.first) * sizeof(double),
            topology.nodes()[s.node.index()].os_index, verdict);
    }
  };
  check_pages();
  verdict.Claim((*scheduler)->HomeOf(buffers[0].data()) == three, "the home is known");

  verdict.Claim(SetOwnCpuset("2-3", "1"), "the cpuset can shrink");
  verdict.Claim(SeesByItself(**scheduler,
                             [](const PlacementReport& report) {
                               return Mentions(report.degraded, "memory bindings are not as asked");
                             }),
                "Placement() says by itself that memory was taken away");
  verdict.Say((*scheduler)->Placement().lost_memory);
  for (const NodeBuffer& buffer : buffers) AllOn(buffer.data(), buffer.size(), 1, verdict);
  verdict.Claim((*scheduler)->HomeOf(buffers[0].data()) == topology.NodeByOsIndex(1),
                "the home is another, and that is known");

  verdict.Claim(WidenOwnCpuset(), "the cpuset can grow");
  verdict.Claim(SeesByItself(**scheduler,
                             [](const PlacementReport& report) {
                               return report.lost_memory.empty() && report.refused.empty();
                             }),
                "what was lost is bound again by itself: " + (*scheduler)->Placement().lost_memory);
  check_pages();
  verdict.Claim((*scheduler)->HomeOf(buffers[0].data()) == three, "and its home is known");
  return verdict.Finish();
}

}  // namespace tally::guest
