// Whom to look at, nearest first: for thieves the victims, for wakers the sleepers.
//
// Conflict: every worker needs all others ordered by distance, but 4096 such lists of 4095 are 64
// MiB. So workers are sorted once by where they sit; whatever shares a cache or a node is then a
// range of seats, and a worker's order is a handful of ranges.
#pragma once

#include <cstdint>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"

namespace tally {

// Workers [first, last) in seat order.
struct SeatRange {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t size() const { return last - first; }
  friend bool operator==(const SeatRange&, const SeatRange&) = default;
};

// Workers that are equally far from one worker, itself not among them.
struct Tier {
  Proximity proximity = Proximity::kRemote;
  int node_distance = 10;  // SLIT
  std::vector<SeatRange> ranges;
  uint32_t size = 0;  // of all ranges

  // The `index`-th seat of the tier, index < size.
  uint32_t Seat(uint32_t index) const;
};

class VictimOrder {
 public:
  // `cpus[w]` is worker w's PU. Several workers may share one.
  VictimOrder(const Topology& topology, const std::vector<CpuId>& cpus);

  uint32_t workers() const { return static_cast<uint32_t>(seat_of_.size()); }
  uint32_t SeatOf(WorkerId worker) const { return seat_of_[worker.index()]; }
  WorkerId WorkerAt(uint32_t seat) const { return worker_at_[seat]; }

  // The seats of the workers whose home is `node`; empty if there are none.
  SeatRange SeatsOf(NodeId node) const { return node_seats_[node.index()]; }

  // Nearest first; tiers without workers are left out. All others appear exactly once.
  const std::vector<Tier>& TiersOf(WorkerId worker) const { return tiers_[worker.index()]; }

 private:
  std::vector<uint32_t> seat_of_;
  std::vector<WorkerId> worker_at_;
  std::vector<SeatRange> node_seats_;     // by NodeId
  std::vector<std::vector<Tier>> tiers_;  // by WorkerId
};

// Nodes as seen from `node`, nearest first, itself first; -1 sees them in id order.
std::vector<NodeId> NodesByDistance(const Topology& topology, NodeId node);

}  // namespace tally
