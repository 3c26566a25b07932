#include "numa/hwloc_details.h"

#include <hwloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "numa/distance_matrix.h"

namespace tally {
namespace {

struct FreeBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

MachineFacts::KindFacts KindFrom(int efficiency, const hwloc_info_s* infos, unsigned count) {
  MachineFacts::KindFacts kind;
  kind.efficiency = efficiency;
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = infos[i].name == nullptr ? "" : infos[i].name;
    const std::string value = infos[i].value == nullptr ? "" : infos[i].value;
    int64_t number = -1;
    if (!absl::SimpleAtoi(value, &number)) number = -1;
    if (name == "CoreType") kind.core_type = value;
    if (name == "LinuxCapacity") kind.capacity = number;
    if (name == "FrequencyMaxMHz") kind.max_mhz = number;
  }
  return kind;
}

// Of what the node's initiators (sets of CPUs, mostly its own) see, the best; 0 if nobody said.
uint64_t BestValue(hwloc_topology_t topology, hwloc_memattr_id_t attribute, hwloc_obj_t node,
                   bool highest) {
  unsigned count = 0;
  if (hwloc_memattr_get_initiators(topology, attribute, node, 0, &count, nullptr, nullptr) != 0 ||
      count == 0) {
    return 0;
  }
  std::vector<hwloc_location> initiators(count);
  std::vector<hwloc_uint64_t> values(count);
  unsigned got = count;
  if (hwloc_memattr_get_initiators(topology, attribute, node, 0, &got, initiators.data(),
                                   values.data()) != 0 ||
      got == 0) {
    return 0;
  }
  values.resize(std::min(got, count));
  return highest ? *std::max_element(values.begin(), values.end())
                 : *std::min_element(values.begin(), values.end());
}

// HBM, NVM and the like, as far as the machine (or hwloc's guess) says.
std::string MemoryName(hwloc_obj_t node) {
  const std::string subtype = node->subtype == nullptr ? "" : node->subtype;
  if (!subtype.empty()) return subtype == "DRAM" ? "" : subtype;
  return hwloc_obj_get_info_by_name(node, "DAXDevice") == nullptr ? "" : "DAX";
}

// Memory-side caches stand between a node and the CPUs: they are its parents.
uint64_t MemorySideCaches(hwloc_obj_t node) {
  uint64_t bytes = 0;
  for (hwloc_obj_t up = node->parent; up != nullptr && up->type == HWLOC_OBJ_MEMCACHE;
       up = up->parent) {
    bytes += up->attr->cache.size;
  }
  return bytes;
}

std::string NameOf(hwloc_topology_t topology, hwloc_distances_s* matrix) {
  const char* name = hwloc_distances_get_name(topology, matrix);
  return name == nullptr ? "" : name;
}

// "NUMALatency:8x8[10..22]asym".
std::string InShort(const std::string& name, const hwloc_distances_s& matrix) {
  const size_t n = matrix.nbobjs;
  uint64_t least = UINT64_MAX, most = 0;
  bool symmetric = true;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const uint64_t value = matrix.values[i * n + j];
      least = std::min(least, value);
      most = std::max(most, value);
      symmetric &= value == matrix.values[j * n + i];
    }
  }
  return absl::StrCat(name.empty() ? "?" : name, ":", n, "x", n, "[", least, "..", most, "]",
                      symmetric ? "" : "asym");
}

// Rows and columns of hwloc's matrix are in the order of its objs[], which is not the logical one.
void Copy(const hwloc_distances_s& from, MachineFacts& facts) {
  const size_t nodes = facts.nodes.size();
  std::vector<uint64_t>& to = facts.distances.emplace(nodes * nodes, kUnknownDistance);
  for (unsigned i = 0; i < from.nbobjs; ++i) {
    for (unsigned j = 0; j < from.nbobjs; ++j) {
      if (from.objs[i] == nullptr || from.objs[j] == nullptr) continue;
      const size_t row = from.objs[i]->logical_index;
      const size_t column = from.objs[j]->logical_index;
      if (row >= nodes || column >= nodes) continue;
      to[row * nodes + column] = from.values[i * from.nbobjs + j];
    }
  }
}

// A file may hold several matrices: the firmware's own (SLIT: local is 10) goes before others.
auto Rank(hwloc_topology_t topology, hwloc_distances_s* matrix) {
  const bool from_firmware = (matrix->kind & HWLOC_DISTANCES_KIND_FROM_OS) != 0;
  const bool slit = matrix->nbobjs > 0 && matrix->values[0] == 10;
  return std::tuple(NameOf(topology, matrix) != "NUMALatency", !from_firmware, !slit);
}

}  // namespace

void ReadKinds(hwloc_topology_t topology, MachineFacts& facts) {
  const int count = hwloc_cpukinds_get_nr(topology, 0);
  for (int index = 0; index < count; ++index) {
    const Bitmap cpus(hwloc_bitmap_alloc());
    int efficiency = -1;
    unsigned infos_count = 0;
    hwloc_info_s* infos = nullptr;
    if (cpus == nullptr ||
        hwloc_cpukinds_get_info(topology, static_cast<unsigned>(index), cpus.get(), &efficiency,
                                &infos_count, &infos, 0) != 0) {
      continue;
    }
    const int kind = static_cast<int>(facts.kinds.size());
    facts.kinds.push_back(KindFrom(efficiency, infos, infos_count));
    for (MachineFacts::PuFacts& pu : facts.pus) {
      if (hwloc_bitmap_isset(cpus.get(), static_cast<unsigned>(pu.os_index))) pu.kind = kind;
    }
  }
}

void ReadMemoryDetails(hwloc_topology_t topology, hwloc_obj_t object,
                       MachineFacts::NodeFacts& node) {
  node.memory = MemoryName(object);
  node.special = !node.memory.empty();
  node.bandwidth_mib_s = BestValue(topology, HWLOC_MEMATTR_ID_BANDWIDTH, object, true);
  node.latency_ns = BestValue(topology, HWLOC_MEMATTR_ID_LATENCY, object, false);
  node.cache_bytes = MemorySideCaches(object);
}

void ReadDistances(hwloc_topology_t topology, MachineFacts& facts) {
  unsigned count = 0;
  if (hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, nullptr, 0, 0) != 0 ||
      count == 0) {
    return;
  }
  std::vector<hwloc_distances_s*> matrices(count);
  if (hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, matrices.data(), 0, 0) !=
      0) {
    return;
  }
  matrices.resize(std::min<size_t>(count, matrices.size()));
  hwloc_distances_s* best = nullptr;  // of those that are about latency, not bandwidth
  for (hwloc_distances_s* matrix : matrices) {
    absl::StrAppend(&facts.distances_in_short, facts.distances_in_short.empty() ? "" : ";",
                    InShort(NameOf(topology, matrix), *matrix));
    if ((matrix->kind & HWLOC_DISTANCES_KIND_MEANS_LATENCY) == 0) continue;
    if (best == nullptr || Rank(topology, matrix) < Rank(topology, best)) best = matrix;
  }
  if (best != nullptr) Copy(*best, facts);
  if (best != nullptr && matrices.size() > 1) {
    facts.notes.push_back(absl::StrCat("There are ", matrices.size(),
                                       " matrices of distances between nodes: ",
                                       InShort(NameOf(topology, best), *best), " is used."));
  }
  for (hwloc_distances_s* matrix : matrices) hwloc_distances_release(topology, matrix);
}

}  // namespace tally
