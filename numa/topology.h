// The machine as an immutable value: who shares what with whom, and how far apart they are.
//
// Everything above numa/ asks this class and never hwloc, so a test builds a 24-node machine from
// one line of text. Ids are dense and in hwloc's logical order; the operating system's own numbers
// (which may be sparse) are kept beside them for binding and for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"

namespace tally {

// What a core is made for, on machines with several kinds of cores (core_classes.h); all others
// have performance cores only.
enum class CoreClass : uint8_t { kPerformance, kEfficient, kLowPower };

// One hardware thread. Ids that the machine does not describe are invalid (-1): PUs without a node,
// machines without Core or cache objects exist.
struct Pu {
  int os_index = -1;  // the kernel's CPU number
  CoreId core;
  L2Id l2;
  L3Id l3;
  NodeId node;  // home node: the nearest with CPUs and memory, -1 if none is allowed
  PackageId package;
  CoreClass core_class = CoreClass::kPerformance;
  bool allowed = true;  // false only with TopologyOptions::include_disallowed
};

struct Node {
  int os_index = -1;          // the kernel's node number; sparse on real machines
  uint64_t memory_bytes = 0;  // 0: unknown or none
  PackageId package;          // -1 when it belongs to no single package
  std::vector<CpuId> cpus;    // the PUs whose home this node is; empty for memory-only nodes
  // The PUs that are nearest to it; for a memory-only node, those of its neighbours. Empty if those
  // may not be used, or nobody said.
  std::vector<CpuId> near_cpus;
  std::string memory;  // "HBM", "NVM", ...; empty: ordinary, or nobody said
  // As seen from the nearest CPUs, as the firmware says; 0: nobody said.
  uint64_t bandwidth_mib_s = 0, latency_ns = 0;
  uint64_t cache_bytes = 0;  // of a memory-side cache in front of it (2LM, KNL); 0: none
  bool allowed = true;       // false only with TopologyOptions::include_disallowed
};

// How far two PUs are from each other, nearest first. Remote nodes are ordered by NodeDistance.
enum class Proximity : uint8_t { kSelf, kSmt, kL2, kL3, kNode, kPackage, kRemote };

// What is said of machines where placing memory makes no difference.
inline constexpr char kOneNode[] =
    "One NUMA node: all memory is equally near, placement on nodes changes nothing.";

struct TopologyOptions {
  // Also the PUs and nodes that this process may not use (cgroup, affinity mask), marked as such.
  bool include_disallowed = false;
};

class Topology {
 public:
  // SPEC = "live" | FILE.xml (hwloc v1/v2) | synthetic text as hwloc writes it
  // ("package:2 numa:1 l3:8 core:8 pu:1").
  // InvalidArgument with what to type instead when the text does not parse; NotFound for a missing
  // file; FailedPrecondition for an XML version that this hwloc refuses. At most 8192 PUs and 1024
  // nodes. Loads anew each time (milliseconds): keep the value.
  static absl::StatusOr<Topology> FromSpec(std::string_view spec, TopologyOptions options = {});

  // The text it was made from: "live", the file's path, or the synthetic text.
  const std::string& spec() const { return spec_; }
  // Canonical synthetic-like one-line summary for headers and people:
  // "2 packages, 2 nodes, 16 L3, 128 cores, 128 PUs".
  std::string Summary() const;
  bool includes_disallowed() const { return includes_disallowed_; }
  // True only if the topology describes the machine this process runs on: only then binding makes
  // sense.
  bool is_this_machine() const { return is_this_machine_; }

  const std::vector<Pu>& pus() const { return pus_; }        // indexed by CpuId
  const std::vector<Node>& nodes() const { return nodes_; }  // indexed by NodeId
  int packages() const { return packages_; }
  int cores() const { return cores_; }    // 0: the machine has no Core objects
  int l2_groups() const { return l2s_; }  // 0: no L2 described
  int l3_groups() const { return l3s_; }  // 0: no L3 described
  // 0: unknown.
  uint64_t l2_bytes(L2Id l2) const { return l2_bytes_[l2.index()]; }
  uint64_t l3_bytes(L3Id l3) const { return l3_bytes_[l3.index()]; }

  // With those that are offline or hidden from this process, as far as hwloc knows them.
  int pus_in_all() const { return pus_in_all_; }
  int cpu_kinds() const { return cpu_kinds_; }  // as hwloc counts them; 0: not described

  // SLIT-style relative distance, 10 = local. Machines without a matrix get 10 on the diagonal,
  // 20 elsewhere; has_distances() says which. Not necessarily symmetric.
  int NodeDistance(NodeId from, NodeId to) const;
  bool has_distances() const { return has_distances_; }
  // Every matrix that hwloc has: name, size, range, whether it is lopsided, as in
  // "NUMALatency:8x8[10..22]asym;?:8x8[1..8]"; empty if there is none.
  const std::string& distances_in_short() const { return distances_in_short_; }

  // The node that the kernel calls `os_index`; -1 if this topology has none.
  NodeId NodeByOsIndex(int os_index) const;

  Proximity ProximityOf(CpuId a, CpuId b) const;

  // What could not be read or is unusual, in words, one sentence each ("no distance matrix: every
  // other node counts as equally far").
  const std::vector<std::string>& degraded() const { return degraded_; }

 private:
  friend class TopologyBuilder;
  std::string spec_;
  bool is_this_machine_ = false, includes_disallowed_ = false;
  std::vector<Pu> pus_;
  std::vector<Node> nodes_;
  int packages_ = 0, cores_ = 0, l2s_ = 0, l3s_ = 0;
  int pus_in_all_ = 0, cpu_kinds_ = 0;
  std::vector<uint64_t> l2_bytes_, l3_bytes_;  // by L2Id, L3Id
  std::vector<int> distances_;                 // nodes x nodes, row = from
  bool has_distances_ = false;
  std::string distances_in_short_;
  std::vector<std::string> degraded_;
};

}  // namespace tally
