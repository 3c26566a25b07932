// What hwloc and the kernel say about a machine, before anything is concluded from it. A test
// writes one down in a few lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tally {

struct MachineFacts {
  // Groups are any number per group, -1 for none; they are renumbered densely, in order.
  struct PuFacts {
    int os_index = -1;
    int core = -1, l2 = -1, l3 = -1, package = -1;
    int kind = -1;                        // index into `kinds`
    uint64_t l2_bytes = 0, l3_bytes = 0;  // of its caches; 0: unknown
    bool allowed = true;
  };
  // A kind of core, as hwloc lists them: in order of `efficiency`, the slowest first, where known.
  struct KindFacts {
    int efficiency = -1;         // -1: hwloc cannot rank them
    std::string core_type = {};  // "IntelAtom", "IntelCore"; mostly empty
    int64_t capacity = -1;       // the kernel's cpu_capacity (ARM)
    int64_t max_mhz = -1;        // -1: unknown
  };
  struct NodeFacts {
    int os_index = -1;
    uint64_t memory_bytes = 0;
    int package = -1;
    bool special = false;     // HBM, NVM, ...: nobody's first choice for ordinary memory
    std::string memory = {};  // "HBM", "NVM", ...; empty: ordinary, or nobody said
    // As seen from the nearest CPUs (HMAT, by hwloc's memory attributes); 0: nobody said.
    uint64_t bandwidth_mib_s = 0, latency_ns = 0;
    uint64_t cache_bytes = 0;  // of memory-side caches in front of it
    // Indexes into `pus`. Near is not the same as "home of": see HomeNode().
    std::vector<size_t> near_pus = {};
    bool allowed = true;
  };

  std::string spec;
  bool is_this_machine = false;
  std::vector<PuFacts> pus;      // in logical order
  std::vector<KindFacts> kinds;  // empty: all cores are alike, or nobody said
  std::vector<NodeFacts> nodes;  // in logical order
  int pus_in_all = 0;            // with those that are offline or hidden by a cgroup; 0: unknown
  // Of this machine: how many of them this process may not use, and for which of three reasons.
  int pus_offline = 0, pus_outside_cpuset = 0, pus_outside_mask = 0;

  // What the kernel itself says: PU number -> node number. Empty unless it is this machine.
  std::map<int, int> kernel_home;

  // nodes x nodes, row = from; kUnknownDistance (distance_matrix.h) where nobody said.
  std::optional<std::vector<uint64_t>> distances;
  std::string distances_in_short;  // see Topology

  std::vector<std::string> notes;  // goes in front of what the builder finds degraded
};

}  // namespace tally
