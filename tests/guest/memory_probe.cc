// Memory policies: what Tally reports is held, page by page, against what the kernel says.

#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "numa/binding.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"
#include "numa/node_buffer.h"
#include "numa/page_homes.h"
#include "numa/topology.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/own_cpuset.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

constexpr size_t kBytes = 512 << 10;
constexpr size_t kPageBytes = 4096;
constexpr int kWeightedInterleave = 6;  // newer than Debian's linux/mempolicy.h

class MemoryProbe {
 public:
  explicit MemoryProbe(TopologyOptions options = {})
      : topology_(Topology::FromSpec("live", options)) {
    verdict_.Claim(topology_.ok(), topology_.status().ToString());
  }

  bool ok() const { return topology_.ok(); }
  const Topology& topology() const { return *topology_; }
  Verdict& verdict() { return verdict_; }
  int nodes() const { return static_cast<int>(topology_->nodes().size()); }
  int KernelNumber(NodeId node) const { return topology_->nodes()[node.index()].os_index; }
  NodeId NodeOf(int kernel_number) const { return topology_->NodeByOsIndex(kernel_number); }

  std::optional<NodeBuffer> Make(size_t bytes, MemoryRequest request) {
    absl::StatusOr<NodeBuffer> buffer = NodeBuffer::Create(*topology_, bytes, std::move(request));
    verdict_.Claim(buffer.ok(), buffer.status().ToString());
    if (!buffer.ok()) return std::nullopt;
    return *std::move(buffer);
  }

  // From a CPU of another node, if there is one.
  void TouchFromAfar(const NodeBuffer& buffer, NodeId node) {
    std::thread([&] {
      for (size_t cpu = 0; cpu < topology_->pus().size(); ++cpu) {
        const Pu& pu = topology_->pus()[cpu];
        if (!pu.allowed || pu.node == node) continue;
        BindThisThread(*topology_, CpuId(static_cast<int32_t>(cpu)));
        break;
      }
      std::memset(buffer.data(), 1, buffer.size());
    }).join();
  }

  // Whether the report says what the kernel says. Returns whether all is as asked.
  bool CheckReport(const NodeBuffer& buffer, const std::string& what);

  // As CheckReport(), and it must be granted, with every page on one of the nodes asked for.
  void MustBeGranted(const NodeBuffer& buffer, const std::string& what) {
    verdict_.Claim(CheckReport(buffer, what), what + ": not granted: " + buffer.binding().why);
    for (const int node : NodesOfPages(buffer.data(), buffer.size())) {
      verdict_.Page(IsAsked(buffer.binding().asked, node),
                    what + ": a page on node " + std::to_string(node));
    }
  }

 private:
  bool IsAsked(const MemoryRequest& asked, int kernel_number) const {
    return std::any_of(asked.nodes.begin(), asked.nodes.end(),
                       [&](NodeId node) { return KernelNumber(node) == kernel_number; });
  }
  bool SamePolicy(const MemoryRequest& asked, const PolicyView& policy) const;

  const absl::StatusOr<Topology> topology_;
  Verdict verdict_;
};

bool MemoryProbe::SamePolicy(const MemoryRequest& asked, const PolicyView& policy) const {
  std::vector<int> nodes;
  for (const NodeId node : asked.nodes) nodes.push_back(KernelNumber(node));
  std::sort(nodes.begin(), nodes.end());
  switch (asked.mode) {
    case MemoryMode::kPreferred:
      return (policy.mode == MPOL_PREFERRED || policy.mode == MPOL_PREFERRED_MANY) &&
             policy.nodes == nodes;
    case MemoryMode::kBind:
      return policy.mode == MPOL_BIND && policy.nodes == nodes;
    case MemoryMode::kInterleave:
      return policy.mode == MPOL_INTERLEAVE && policy.nodes == nodes;
    case MemoryMode::kWeightedInterleave:
      return policy.mode == kWeightedInterleave && policy.nodes == nodes;
    case MemoryMode::kFirstTouch:
      return policy.mode == MPOL_DEFAULT || policy.mode == MPOL_LOCAL;
  }
  return false;
}

bool MemoryProbe::CheckReport(const NodeBuffer& buffer, const std::string& what) {
  const MemoryBinding& report = buffer.binding();
  if (nodes() == 1) {  // wherever it lies, it lies there: nothing is asked of the kernel
    verdict_.Claim(report.granted && report.why.empty(), what + ": granted on the one node");
    return true;
  }
  uint64_t right = 0, wrong = 0, absent = 0, unknown = 0;
  for (const int node : NodesOfPages(buffer.data(), buffer.size())) {
    if (node == -EFAULT || node == -ENOENT) {
      ++absent;
    } else if (node < 0) {
      ++unknown;
    } else {
      const bool asked =
          report.asked.mode == MemoryMode::kFirstTouch || IsAsked(report.asked, node);
      ++(asked ? right : wrong);
    }
  }
  verdict_.Claim(report.pages_right == right && report.pages_wrong == wrong &&
                     report.pages_absent == absent && report.pages_unknown == unknown,
                 what + ": it counts " + std::to_string(report.pages_right) + " right, " +
                     std::to_string(report.pages_wrong) + " wrong, " +
                     std::to_string(report.pages_absent) + " absent, " +
                     std::to_string(report.pages_unknown) + " unknown; the kernel " +
                     std::to_string(right) + ", " + std::to_string(wrong) + ", " +
                     std::to_string(absent) + ", " + std::to_string(unknown));
  const PolicyView policy = PolicyOf(buffer.data());
  const bool as_asked =
      policy.error == 0 && SamePolicy(report.asked, policy) && wrong == 0 && unknown == 0;
  verdict_.Claim(report.granted == as_asked,
                 what + (report.granted ? ": says granted" : ": says not granted") +
                     "; the kernel: mode " + std::to_string(policy.mode) + " on " +
                     FormatSet(policy.nodes) + ", " + std::to_string(wrong) + " pages wrong");
  verdict_.Claim(report.granted == report.why.empty(), what + ": a reason if and only if refused");
  if (!report.granted) verdict_.Say(what + ": " + report.why);
  return as_asked;
}

std::string Name(MemoryMode mode) { return std::string(MemoryModeName(mode)); }

// Page by page, so no node has more than one page more than another.
void CheckEvenly(const NodeBuffer& buffer, int nodes, Verdict& verdict) {
  std::map<int, int> pages;
  for (const int node : NodesOfPages(buffer.data(), buffer.size())) ++pages[node];
  const int each = static_cast<int>(buffer.size() / kPageBytes) / nodes;
  verdict.Claim(static_cast<int>(pages.size()) == nodes, "interleaved over every node");
  for (const auto& [node, count] : pages) {
    verdict.Claim(count == each || count == each + 1, "interleaved: " + std::to_string(count) +
                                                          " pages on node " + std::to_string(node));
  }
}

std::vector<NodeId> All(const MemoryProbe& probe) {
  std::vector<NodeId> nodes;
  for (int n = 0; n < probe.nodes(); ++n) nodes.push_back(NodeId(n));
  return nodes;
}

}  // namespace

int ProbeMemoryModes(const Arguments&) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  for (const NodeId node : All(probe)) {
    for (const MemoryMode mode : {MemoryMode::kPreferred, MemoryMode::kBind}) {
      std::optional<NodeBuffer> buffer = probe.Make(kBytes, {mode, {node}});
      if (!buffer) continue;
      const std::string what = Name(mode) + " on node " + std::to_string(probe.KernelNumber(node));
      probe.CheckReport(*buffer, what + ", untouched");
      probe.TouchFromAfar(*buffer, node);
      buffer->Check();
      probe.MustBeGranted(*buffer, what);
    }
  }
  for (const MemoryMode mode :
       {MemoryMode::kInterleave, MemoryMode::kWeightedInterleave, MemoryMode::kPreferred}) {
    std::optional<NodeBuffer> buffer = probe.Make(kBytes, {mode, All(probe)});
    if (!buffer) continue;
    probe.TouchFromAfar(*buffer, NodeId());
    buffer->Check();
    const bool granted = probe.CheckReport(*buffer, Name(mode) + " on all nodes");
    // A kernel before 6.9 has no weights.
    if (mode != MemoryMode::kWeightedInterleave) probe.MustBeGranted(*buffer, Name(mode));
    if (granted && mode == MemoryMode::kInterleave) {
      CheckEvenly(*buffer, probe.nodes(), probe.verdict());
    }
  }
  return probe.verdict().Finish();
}

// Linux 6.9 and later; of each round of so many pages, a node gets as many as it weighs.
int ProbeMemoryWeights(const Arguments& arguments) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  std::map<int, int> weights;  // by the kernel's numbers
  int round = 0;
  for (const std::string& argument : arguments) {
    const int node = static_cast<int>(weights.size());
    round += weights[node] = std::atoi(argument.c_str());
    std::ofstream file("/sys/kernel/mm/mempolicy/weighted_interleave/node" + std::to_string(node));
    file << argument << std::flush;
    probe.verdict().Claim(file.good(), "the kernel lets us weigh node " + std::to_string(node));
  }
  constexpr int kRounds = 20;
  std::optional<NodeBuffer> buffer =
      probe.Make(kPageBytes * kRounds * round, {MemoryMode::kWeightedInterleave, All(probe)});
  if (!buffer) return probe.verdict().Finish();
  probe.TouchFromAfar(*buffer, NodeId());
  buffer->Check();
  probe.MustBeGranted(*buffer, "weighted interleave");
  std::map<int, int> pages;
  for (const int node : NodesOfPages(buffer->data(), buffer->size())) ++pages[node];
  for (const auto& [node, weight] : weights) {
    probe.verdict().Claim(pages[node] == kRounds * weight,
                          "node " + std::to_string(node) + ", which weighs " +
                              std::to_string(weight) + ": " + std::to_string(pages[node]) +
                              " pages of " + std::to_string(kRounds * round));
  }
  return probe.verdict().Finish();
}

int ProbeMemoryMigrate(const Arguments&) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  HomeCache homes(probe.topology());
  for (const NodeId from : All(probe)) {
    for (const NodeId to : All(probe)) {
      if (from == to) continue;
      std::optional<NodeBuffer> buffer = probe.Make(kBytes, {MemoryMode::kPreferred, {from}});
      if (!buffer) continue;
      probe.TouchFromAfar(*buffer, from);
      probe.verdict().Claim(homes.HomeOf(buffer->data()) == from, "the cache knows where it was");
      buffer->Migrate(to);
      homes.Forget();
      probe.MustBeGranted(*buffer, "from node " + std::to_string(probe.KernelNumber(from)) +
                                       " to node " + std::to_string(probe.KernelNumber(to)));
      probe.verdict().Claim(homes.HomeOf(buffer->data()) == to, "the cache knows where it is");
      const bool intact = std::all_of(buffer->data(), buffer->data() + buffer->size(),
                                      [](std::byte byte) { return byte == std::byte{1}; });
      probe.verdict().Claim(intact, "what moved is what it was");
      homes.Forget();
    }
  }
  return probe.verdict().Finish();
}

int ProbeMemoryFull(const Arguments& arguments) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  const NodeId full = probe.NodeOf(std::atoi(arguments.at(0).c_str()));
  const size_t has = probe.topology().nodes()[full.index()].memory_bytes;
  {
    std::optional<NodeBuffer> more = probe.Make(has + (8 << 20), {MemoryMode::kPreferred, {full}});
    if (!more) return probe.verdict().Finish();
    std::memset(more->data(), 1, more->size());
    more->Check();
    probe.verdict().Claim(!probe.CheckReport(*more, "more than the node has"), "it fits?");
    probe.verdict().Claim(more->binding().pages_right > 0 && more->binding().pages_wrong > 0,
                          "some on the node, the rest elsewhere");
  }
  const NodeId other = probe.NodeOf(0);
  std::optional<NodeBuffer> moved = probe.Make(has + (8 << 20), {MemoryMode::kPreferred, {other}});
  if (!moved) return probe.verdict().Finish();
  std::memset(moved->data(), 1, moved->size());
  moved->Migrate(full);
  probe.verdict().Claim(!probe.CheckReport(*moved, "moved to a node that gets full"), "it fits?");
  probe.verdict().Claim(moved->binding().pages_wrong > 0, "some stay where they were");
  return probe.verdict().Finish();
}

// The price of kBind, which is why it is not the default.
int ProbeMemoryFullBound(const Arguments& arguments) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  const NodeId full = probe.NodeOf(std::atoi(arguments.at(0).c_str()));
  const size_t has = probe.topology().nodes()[full.index()].memory_bytes;
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, "oom-victim");  // so that guest_test.sh knows that this one has to die
    const std::optional<NodeBuffer> more = probe.Make(has + (8 << 20), {MemoryMode::kBind, {full}});
    if (more) std::memset(more->data(), 1, more->size());
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  probe.verdict().Claim(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                        "the kernel kills who binds more than a node has");
  return probe.verdict().Finish();
}

int ProbeMemoryRefused(const Arguments&) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  for (const MemoryMode mode :
       {MemoryMode::kPreferred, MemoryMode::kBind, MemoryMode::kInterleave}) {
    std::optional<NodeBuffer> buffer = probe.Make(kBytes, {mode, {NodeId(1)}});
    if (!buffer) continue;
    std::memset(buffer->data(), 1, buffer->size());
    buffer->Check();
    probe.verdict().Claim(!probe.CheckReport(*buffer, Name(mode)), Name(mode) + " is refused");
    buffer->Migrate(NodeId(2));
    probe.verdict().Claim(!probe.CheckReport(*buffer, "migrate"), "migration is refused");
  }
  return probe.verdict().Finish();
}

int ProbeMemoryCpuset(const Arguments&) {
  MemoryProbe probe({.include_disallowed = true});
  if (!probe.ok()) return probe.verdict().Finish();
  const NodeId one = probe.NodeOf(1), two = probe.NodeOf(2), three = probe.NodeOf(3);
  for (const MemoryMode mode :
       {MemoryMode::kPreferred, MemoryMode::kBind, MemoryMode::kInterleave}) {
    for (const std::vector<NodeId>& nodes :
         std::vector<std::vector<NodeId>>{{one}, {one, two}, {three}, {two, three}}) {
      std::optional<NodeBuffer> buffer = probe.Make(kBytes, {mode, nodes});
      if (!buffer) continue;
      probe.TouchFromAfar(*buffer, one);
      buffer->Check();
      const std::string what = Name(mode) + " on " + std::to_string(nodes.size()) + " nodes from " +
                               std::to_string(probe.KernelNumber(nodes.front()));
      const bool allowed = nodes.back() != three;
      probe.verdict().Claim(probe.CheckReport(*buffer, what) == allowed, what + ": allowed?");
      for (const int node : NodesOfPages(buffer->data(), buffer->size())) {
        probe.verdict().Page(MayUseMemoryOf(node),
                             what + ": a page on node " + std::to_string(node));
      }
    }
  }
  return probe.verdict().Finish();
}

int ProbeMemoryCpusetChange(const Arguments&) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  probe.verdict().Claim(EnterOwnCpuset(), "a cgroup can be made");
  const NodeId three = probe.NodeOf(3);
  for (const MemoryMode mode : {MemoryMode::kPreferred, MemoryMode::kBind}) {
    std::optional<NodeBuffer> buffer = probe.Make(kBytes, {mode, {three}});
    if (!buffer) continue;
    std::memset(buffer->data(), 1, buffer->size());
    buffer->Check();
    probe.MustBeGranted(*buffer, Name(mode) + " before");
    probe.verdict().Claim(SetOwnCpuset("2-3", "1"), "the cpuset can shrink");
    buffer->Check();
    probe.verdict().Claim(!probe.CheckReport(*buffer, Name(mode) + ", node 3 taken away"),
                          "memory on a node that was taken away is not as asked");
    probe.verdict().Claim(WidenOwnCpuset(), "the cpuset can grow");
    buffer->Rebind();
    probe.MustBeGranted(*buffer, Name(mode) + ", node 3 given back");
  }
  return probe.verdict().Finish();
}

int ProbeMemoryBalancing(const Arguments&) {
  MemoryProbe probe;
  if (!probe.ok()) return probe.verdict().Finish();
  const NodeId near = probe.NodeOf(0), far = probe.NodeOf(3);
  std::optional<NodeBuffer> preferred = probe.Make(kBytes, {MemoryMode::kPreferred, {near}});
  std::optional<NodeBuffer> bound = probe.Make(kBytes, {MemoryMode::kBind, {near}});
  if (!preferred || !bound) return probe.verdict().Finish();
  const CpuId cpu = probe.topology().nodes()[far.index()].cpus.front();
  std::thread([&] {
    BindThisThread(probe.topology(), cpu);
    const Area own(kBytes);  // under no policy: this is what the kernel may move
    std::memset(own.data(), 1, own.size());
    std::memset(preferred->data(), 1, preferred->size());
    std::memset(bound->data(), 1, bound->size());
    // The kernel looks at a task's memory about once a second.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);
    uint64_t sum = 0;
    while (std::chrono::steady_clock::now() < end) {
      for (size_t at = 0; at < kBytes; at += 64) {
        sum +=
            static_cast<uint64_t>(preferred->data()[at]) + static_cast<uint64_t>(bound->data()[at]);
      }
    }
    probe.verdict().Claim(sum > 0, "read something");
  }).join();
  preferred->Check();
  probe.MustBeGranted(*preferred, "preferred, used from afar");
  bound->Check();
  probe.MustBeGranted(*bound, "bound, used from afar");
  return probe.verdict().Finish();
}

}  // namespace tally::guest
