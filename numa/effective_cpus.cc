#include "numa/effective_cpus.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "numa/cpu_list.h"
#include "numa/kernel_memory.h"

namespace tally {
namespace {

struct Cores {
  int usable = 0;     // PUs without a core count as one each
  int low_power = 0;  // not among the usable ones
  size_t pus = 0;     // of the usable ones
};

Cores CountCores(const Topology& topology, const std::vector<CpuId>& cpus) {
  std::set<CoreId> seen;
  Cores normal, low_power;
  for (CpuId cpu : cpus) {
    const Pu& pu = topology.pus()[cpu.index()];
    Cores& count = pu.core_class == CoreClass::kLowPower ? low_power : normal;
    ++count.pus;
    count.usable += !pu.core.valid() || seen.insert(pu.core).second;
  }
  if (normal.usable == 0) return low_power;
  normal.low_power = low_power.usable;
  return normal;
}

// L3s of the CPUs; CPUs without one count by node.
int CountL3s(const Topology& topology, const std::vector<CpuId>& cpus) {
  std::set<std::pair<bool, int>> groups;
  for (CpuId cpu : cpus) {
    const Pu& pu = topology.pus()[cpu.index()];
    groups.insert({pu.l3.valid(), pu.l3.valid() ? pu.l3.value() : pu.node.value()});
  }
  return static_cast<int>(groups.size());
}

std::string Plural(int count, const char* one, const char* many) {
  return count == 1 ? absl::StrCat("one for the only ", one)
                    : absl::StrCat("one for each of ", count, " ", many);
}

WorkerCount PerCore(const Topology& topology, const EffectiveCpus& effective) {
  const Cores cores = CountCores(topology, effective.cpus);
  WorkerCount count{cores.usable, Plural(cores.usable, "core", "cores")};
  if (cores.pus > static_cast<size_t>(cores.usable)) {
    absl::StrAppend(&count.why, " (of ", cores.pus, " PUs)");
  }
  if (cores.low_power > 0) {
    absl::StrAppend(&count.why, "; ", cores.low_power,
                    cores.low_power == 1 ? " low-power core is" : " low-power cores are",
                    " left out");
  }
  return count;
}

}  // namespace

EffectiveCpus ReadEffectiveCpus(const Topology& topology, const std::string& root) {
  EffectiveCpus effective;
  // The main thread's mask: the calling thread may be a worker that is bound already.
  const std::vector<int> mask =
      topology.is_this_machine() ? AffinityOf(getpid()) : std::vector<int>();
  std::vector<CpuId> allowed;
  for (size_t i = 0; i < topology.pus().size(); ++i) {
    const Pu& pu = topology.pus()[i];
    const CpuId cpu(static_cast<int>(i));
    if (std::binary_search(mask.begin(), mask.end(), pu.os_index)) effective.cpus.push_back(cpu);
    if (pu.allowed) allowed.push_back(cpu);
  }
  // The mask is on CPUs that this topology does not know (they came online later), or the kernel
  // does not say: what was allowed when the topology was read is the best guess.
  if (effective.cpus.empty()) effective.cpus = std::move(allowed);
  if (effective.cpus.empty()) effective.cpus.push_back(CpuId(0));
  if (!topology.is_this_machine()) return effective;
  effective.quota = TightestCpuQuota(root);
  NodeMask nodes;
  if (RealKernelMemory().AllowedNodes(&nodes) == 0) {
    for (int node = 0; node < NodeMask::kMost; ++node) {
      if (nodes.Has(node)) effective.memory_nodes.push_back(node);
    }
  }
  return effective;
}

WorkerCount DefaultWorkers(const Topology& topology, const EffectiveCpus& effective,
                           const Placement& placement) {
  WorkerCount count;
  switch (placement.policy) {
    case PlacementPolicy::kList:
      count.workers = std::max(1, static_cast<int>(placement.cpus.size()));
      count.why = Plural(count.workers, "CPU of the list", "CPUs of the list");
      break;
    case PlacementPolicy::kOnePerL3:
      count.workers = std::max(1, CountL3s(topology, effective.cpus));
      count.why = Plural(count.workers, "L3", "L3s");
      break;
    default:
      count = PerCore(topology, effective);
  }
  if (effective.quota.has_value() && effective.quota->Cpus() < count.workers) {
    absl::StrAppend(&count.why, "; at most ", effective.quota->Cpus(), ", for the cgroup leaves ",
                    effective.quota->InWords());
    count.workers = effective.quota->Cpus();
  }
  return count;
}

std::string DescribeChange(const EffectiveCpus& before, const EffectiveCpus& now) {
  std::vector<std::string> changes;
  const auto add = [&changes](const char* what, const std::string& was, const std::string& is) {
    if (was != is) changes.push_back(absl::StrCat(what, " from ", was, " to ", is));
  };
  if (before.cpus.size() != now.cpus.size()) {
    add("CPUs", absl::StrCat(before.cpus.size()), absl::StrCat(now.cpus.size()));
  } else if (before.cpus != now.cpus) {
    changes.push_back(absl::StrCat("other CPUs, ", now.cpus.size(), " as before"));
  }
  const auto quota = [](const EffectiveCpus& of) {
    return of.quota ? of.quota->InWords() : std::string("none");
  };
  add("CPU quota", quota(before), quota(now));
  const auto nodes = [](const EffectiveCpus& of) {
    return of.memory_nodes.empty() ? std::string("unknown") : FormatCpuList(of.memory_nodes);
  };
  add("memory nodes", nodes(before), nodes(now));
  return absl::StrJoin(changes, ", ");
}

EffectiveCpusWatch::EffectiveCpusWatch(const Topology& topology, std::string root)
    : topology_(topology), root_(std::move(root)), last_(ReadEffectiveCpus(topology, root_)) {}

std::optional<EffectiveCpus> EffectiveCpusWatch::Poll() {
  EffectiveCpus now = ReadEffectiveCpus(topology_, root_);
  if (now == last_) return std::nullopt;
  last_ = now;
  return now;
}

}  // namespace tally
