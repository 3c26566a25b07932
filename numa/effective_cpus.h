// The CPUs that this process may really use now, and how many workers that makes.
//
// Three powers take CPUs away, and each speaks another language: the cpuset (hwloc's allowed set,
// and the kernel narrows masks to it), the affinity mask (taskset; hwloc ignores it), and the CPU
// quota of a container (time, not CPUs). All three may change under a running program, so they can
// be read again, cheaply and without hwloc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "numa/cpu_quota.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"

namespace tally {

struct EffectiveCpus {
  std::vector<CpuId> cpus;  // allowed, and in the affinity mask; in order, at least one
  std::optional<CpuQuota> quota;
  // The kernel's numbers of the nodes that its cpuset lets it take memory from; empty: nobody says.
  std::vector<int> memory_nodes = {};
  bool operator==(const EffectiveCpus&) const = default;
};

// Asks the kernel, now; `root` as for TightestCpuQuota(). Of another machine than this one (a file,
// synthetic text): all that are allowed, without a quota.
EffectiveCpus ReadEffectiveCpus(const Topology& topology, const std::string& root = "/");

struct WorkerCount {
  int workers = 1;
  std::string why;  // "one for each of 8 cores", with what was left out
};

// How many workers a scheduler starts that was not told a number: one per physical core (siblings
// share the execution units that compute), none on low-power cores if there are others, at most as
// many as the quota has CPUs. One per L3 and lists say themselves how many they mean. Pure.
WorkerCount DefaultWorkers(const Topology& topology, const EffectiveCpus& effective,
                           const Placement& placement);

// What has changed, in one clause: "CPUs from 8 to 2, memory nodes from 0-3 to 1"; empty if nothing
// has.
std::string DescribeChange(const EffectiveCpus& before, const EffectiveCpus& now);

// Reports changes: of the mask, the cpuset, a quota. For one thread; polling it once a second costs
// about 0.1 ms.
class EffectiveCpusWatch {
 public:
  // `topology` must outlive it.
  explicit EffectiveCpusWatch(const Topology& topology, std::string root = "/");

  const EffectiveCpus& Now() const { return last_; }
  // What is effective now, if that has changed since the last call (or construction).
  std::optional<EffectiveCpus> Poll();

 private:
  const Topology& topology_;
  const std::string root_;
  EffectiveCpus last_;
};

}  // namespace tally
