// What a recording says about itself, before its first event and after its last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "numa/ids.h"

namespace tally {

// What a reader must know before the first event. Everything the dashboard draws comes from here
// and the events: it never parses a topology.
struct RecordingHeader {
  struct Worker {
    CpuId cpu;
    int os_cpu = -1;
    NodeId node;
    L3Id l3;
    PackageId package;
  };
  std::string world;     // "real" | "timed"
  std::string workload;  // as typed, or the program's name
  uint64_t size = 0;
  std::string topology;  // spec
  std::string topology_summary;
  std::string placement;
  std::string policy;
  uint64_t seed = 0;
  std::string program_version;
  std::vector<Worker> workers;       // by WorkerId; spares are the last ones
  uint32_t spares = 0;               // of `workers`: those who stand in while a task blocks
  std::vector<int> node_os_indexes;  // by NodeId; size = number of nodes, >= 1
  std::vector<int> node_distances;   // nodes x nodes, row = from; 10 = local
  std::string cross_node_source;     // which rung of the ladder kTouch homes come from
  bool from_create = true;           // false: attached midway, ids are surrogates

  size_t regular_workers() const { return workers.size() - spares; }
  bool IsSpare(size_t worker) const {
    return worker >= regular_workers() && worker < workers.size();
  }
  // "worker 3"; "spare 0" for the first one after the workers; "the outside" for the last lane.
  std::string NameOfLane(size_t lane) const {
    if (lane == workers.size()) return "the outside";
    return IsSpare(lane) ? "spare " + std::to_string(lane - regular_workers())
                         : "worker " + std::to_string(lane);
  }
};

struct RecordingSummary {
  uint64_t fingerprint = 0;  // of the decisions and their order, nothing else
  uint64_t decisions = 0;
  uint64_t timeline = 0;
  uint64_t timeline_dropped = 0;
};

}  // namespace tally
