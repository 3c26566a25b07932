#include "numa/hwloc_topology.h"

#include <hwloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/cpu_list.h"
#include "numa/hwloc_details.h"

namespace tally {
namespace {

class Hwloc {
 public:
  Hwloc() { hwloc_topology_init(&topology_); }
  ~Hwloc() { hwloc_topology_destroy(topology_); }
  Hwloc(const Hwloc&) = delete;
  Hwloc& operator=(const Hwloc&) = delete;
  hwloc_topology_t get() const { return topology_; }

 private:
  hwloc_topology_t topology_ = nullptr;
};

bool SetSource(hwloc_topology_t topology, const TopologySource& source) {
  switch (source.kind) {
    case TopologySource::Kind::kLive:
      return true;
    case TopologySource::Kind::kXml:  // the length counts the final 0
      return hwloc_topology_set_xmlbuffer(topology, source.text.c_str(),
                                          static_cast<int>(source.text.size() + 1)) == 0;
    case TopologySource::Kind::kSynthetic:
      return hwloc_topology_set_synthetic(topology, source.text.c_str()) == 0;
  }
  return false;
}

// An explicit XML or synthetic source wins over hwloc's environment variables, but they replace the
// live machine. The first one set, or null.
const char* EnvironmentSwap() {
  for (const char* name : {"HWLOC_FSROOT", "HWLOC_CPUID_PATH", "HWLOC_SYNTHETIC", "HWLOC_XMLFILE",
                           "HWLOC_COMPONENTS"}) {
    if (std::getenv(name) != nullptr) return name;
  }
  return nullptr;
}

// hwloc_topology_is_thissystem() alone is not enough: HWLOC_THISSYSTEM=1 makes hwloc say so of any
// file, and then every binding call hits CPUs that the file only happens to number alike.
bool IsThisMachine(hwloc_topology_t topology, const TopologySource& source) {
  if (source.kind != TopologySource::Kind::kLive) return false;
  const bool claimed = std::getenv("HWLOC_THISSYSTEM") != nullptr && EnvironmentSwap() != nullptr;
  return hwloc_topology_is_thissystem(topology) && !claimed;
}

int AncestorNumber(hwloc_topology_t topology, hwloc_obj_t object, hwloc_obj_type_t type) {
  hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(topology, type, object);
  return ancestor == nullptr ? -1 : static_cast<int>(ancestor->logical_index);
}

uint64_t CacheBytes(hwloc_topology_t topology, hwloc_obj_t object, hwloc_obj_type_t type) {
  hwloc_obj_t cache = hwloc_get_ancestor_obj_by_type(topology, type, object);
  return cache == nullptr ? 0 : cache->attr->cache.size;
}

bool Has(hwloc_const_bitmap_t set, unsigned os_index) {
  return set != nullptr && hwloc_bitmap_isset(set, os_index);
}

void ReadPus(hwloc_topology_t topology, MachineFacts& facts) {
  const hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_cpuset(topology);
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, object)) != nullptr) {
    MachineFacts::PuFacts pu;
    pu.os_index = static_cast<int>(object->os_index);
    pu.core = AncestorNumber(topology, object, HWLOC_OBJ_CORE);
    pu.l2 = AncestorNumber(topology, object, HWLOC_OBJ_L2CACHE);
    pu.l3 = AncestorNumber(topology, object, HWLOC_OBJ_L3CACHE);
    pu.package = AncestorNumber(topology, object, HWLOC_OBJ_PACKAGE);
    pu.l2_bytes = CacheBytes(topology, object, HWLOC_OBJ_L2CACHE);
    pu.l3_bytes = CacheBytes(topology, object, HWLOC_OBJ_L3CACHE);
    pu.allowed = Has(allowed, object->os_index);
    facts.pus.push_back(pu);
  }
  facts.pus_in_all = hwloc_bitmap_weight(hwloc_topology_get_complete_cpuset(topology));
}

// A node above its packages (hwloc 1 drew it so) belongs to the package of its PUs, if that is one.
int PackageOf(hwloc_topology_t topology, hwloc_obj_t object, const MachineFacts& facts,
              const std::vector<size_t>& near_pus) {
  const int above = AncestorNumber(topology, object, HWLOC_OBJ_PACKAGE);
  if (above >= 0 || near_pus.empty()) return above;
  const int package = facts.pus[near_pus.front()].package;
  const bool only_one = std::all_of(near_pus.begin(), near_pus.end(),
                                    [&](size_t pu) { return facts.pus[pu].package == package; });
  return only_one ? package : -1;
}

void ReadNodes(hwloc_topology_t topology, MachineFacts& facts) {
  const hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_nodeset(topology);
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, object)) != nullptr) {
    MachineFacts::NodeFacts node;
    node.os_index = static_cast<int>(object->os_index);
    node.memory_bytes = object->attr->numanode.local_memory;
    ReadMemoryDetails(topology, object, node);
    node.allowed = Has(allowed, object->os_index);
    // By PU, not by bit: a file's cpuset may be infinite.
    for (size_t pu = 0; pu < facts.pus.size(); ++pu) {
      if (Has(object->cpuset, static_cast<unsigned>(facts.pus[pu].os_index))) {
        node.near_pus.push_back(pu);
      }
    }
    node.package = PackageOf(topology, object, facts, node.near_pus);
    facts.nodes.push_back(std::move(node));
  }
}

// Which power keeps CPUs from this process, for people who want to change it.
void CountKept(hwloc_topology_t topology, const std::vector<int>& mask, MachineFacts& facts) {
  const hwloc_const_bitmap_t complete = hwloc_topology_get_complete_cpuset(topology);
  const hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_cpuset(topology);
  const std::optional<std::vector<int>> online = OnlineCpus();
  const auto lists = [](const std::vector<int>& cpus, int cpu) {
    return std::binary_search(cpus.begin(), cpus.end(), cpu);
  };
  for (int cpu = hwloc_bitmap_first(complete); cpu >= 0; cpu = hwloc_bitmap_next(complete, cpu)) {
    if (online && !lists(*online, cpu)) {
      ++facts.pus_offline;
    } else if (!Has(allowed, static_cast<unsigned>(cpu))) {
      ++facts.pus_outside_cpuset;
    } else if (!mask.empty() && !lists(mask, cpu)) {
      ++facts.pus_outside_mask;
    }
  }
}

// What only this machine's kernel knows: hwloc ignores the affinity mask, and which node a CPU
// belongs to is lost when hwloc attaches memory-only nodes to it.
void AskTheKernel(hwloc_topology_t topology, MachineFacts& facts) {
  // The main thread's mask: the calling thread may be a worker that is bound already.
  const std::vector<int> mask = AffinityOf(getpid());
  CountKept(topology, mask, facts);
  for (MachineFacts::PuFacts& pu : facts.pus) {
    if (!mask.empty() && !std::binary_search(mask.begin(), mask.end(), pu.os_index)) {
      pu.allowed = false;
    }
  }
  for (const MachineFacts::NodeFacts& node : facts.nodes) {
    for (int cpu : CpusOfKernelNode(node.os_index).value_or(std::vector<int>())) {
      facts.kernel_home[cpu] = node.os_index;
    }
  }
}

absl::Status Refused(const TopologySource& source) {
  switch (source.kind) {
    case TopologySource::Kind::kLive:
      break;
    case TopologySource::Kind::kXml:
      return absl::InvalidArgumentError(absl::StrCat(
          QuoteSpec(source.spec), " is not a topology that hwloc can read: ", WhatToTypeInstead()));
    case TopologySource::Kind::kSynthetic:
      return absl::InvalidArgumentError(
          absl::StrCat(QuoteSpec(source.spec), " is not a topology: ", WhatToTypeInstead()));
  }
  if (const char* swap = EnvironmentSwap()) {
    return absl::FailedPreconditionError(
        absl::StrCat(swap, " in the environment keeps hwloc from reading this machine: unset it"));
  }
  return absl::InternalError(
      "hwloc cannot read this machine: type --topology= with an hwloc XML file or synthetic text");
}

absl::Status CheckSize(hwloc_topology_t topology) {
  const int pus = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
  const int nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
  if (pus <= kMaxPus && nodes <= kMaxNodes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the topology has ", pus, " PUs and ", nodes,
                                                 " NUMA nodes: at most ", kMaxPus, " and ",
                                                 kMaxNodes, " are possible"));
}

}  // namespace

absl::StatusOr<MachineFacts> ReadWithHwloc(const TopologySource& source, TopologyOptions options) {
  const Hwloc hwloc;
  hwloc_topology_t topology = hwloc.get();
  if (topology == nullptr) return absl::InternalError("hwloc does not start");
  hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_type_filter(topology, HWLOC_OBJ_MEMCACHE, HWLOC_TYPE_FILTER_KEEP_ALL);
  if (options.include_disallowed) {
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  }
  const bool live = source.kind == TopologySource::Kind::kLive;
  const bool blind = live && access("/sys/devices/system/cpu", F_OK) != 0;
  // hwloc would say so on stderr in its own words; ours are in the notes. Only then is the
  // environment changed, which a program with other threads should rarely do.
  if (blind) setenv("HWLOC_HIDE_ERRORS", "2", 0);
  if (!SetSource(topology, source) || hwloc_topology_load(topology) != 0) return Refused(source);
  if (absl::Status status = CheckSize(topology); !status.ok()) return status;

  MachineFacts facts;
  facts.spec = source.spec;
  facts.is_this_machine = IsThisMachine(topology, source);
  if (blind) {
    facts.notes.push_back(
        "No /sys/devices/system/cpu (a container without /sys?): cores, caches and nodes are only "
        "what the processor says of itself.");
  }
  if (live && !facts.is_this_machine) {
    const char* swap = EnvironmentSwap();
    facts.notes.push_back(absl::StrCat(swap == nullptr ? "The environment" : swap,
                                       " made hwloc describe another machine than this one: unset "
                                       "it to see this one."));
  }
  ReadPus(topology, facts);
  ReadKinds(topology, facts);
  ReadNodes(topology, facts);
  ReadDistances(topology, facts);
  if (facts.is_this_machine) AskTheKernel(topology, facts);
  return facts;
}

}  // namespace tally
