// The imagined machine: a topology with prices, and what is busy on it right now.
//
// Conflict: a fluid model that shares bandwidth exactly must revise every flow's end at each
// arrival, but a simulation wants costs that are known when they are paid. So memory is a queue:
// each transfer is cut into pieces of at most a page, and a piece waits for the pieces before it at
// its home node's memory and, when remote, at that node's link. Since the kernel runs whoever is
// earliest, pieces of concurrent transfers interleave and share alike. Price: no cache is modelled
// (a Touch is traffic), nor the limit of one L3's port.
#pragma once

#include <cstdint>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"
#include "sim/timed/machine_model.h"

namespace tally::timed {

inline constexpr uint64_t kPageBytes = 4096;

class Machine {
 public:
  // `topology` must outlive the machine.
  Machine(const Topology& topology, const MachineModel& model);

  const MachineModel& model() const { return model_; }
  int cpus() const { return static_cast<int>(topology_.pus().size()); }

  // A cache line from one PU to another. An invalid id sits nowhere in particular: priced as the
  // same node.
  Nanos TransferNs(CpuId from, CpuId to) const;

  // The node that serves `cpu` first; node 0 for PUs without one and for threads without a CPU.
  NodeId LocalNode(CpuId cpu) const;

  // When the first byte of `home`'s memory reaches `cpu` after asking.
  Nanos LatencyNs(CpuId cpu, NodeId home) const;
  // Moves `bytes` (at most a page) between `home` and `cpu`, starting at `now`; returns the end.
  // Calls must come in the order of `now`.
  Nanos Move(Nanos now, CpuId cpu, NodeId home, uint64_t bytes);

  // A thread on `cpu` went to sleep or woke up.
  void CountRunning(CpuId cpu, int change);
  // How long a body of `nanos` takes on `cpu` with what else runs there: threads of one PU take
  // turns, hardware threads of one core slow each other.
  Nanos Slowed(CpuId cpu, Nanos nanos) const;
  // False while Slowed() cannot depend on what the others do.
  bool cores_are_shared() const { return cores_are_shared_; }

 private:
  // One resource that serves bytes in turn. Picoseconds: a page takes some 25 ns.
  struct Server {
    int64_t picos_per_kib = 0;
    int64_t free_at_picos = 0;
    int64_t Serve(int64_t now_picos, uint64_t bytes);
  };

  Nanos RemoteNs(NodeId from, NodeId to) const;

  const Topology& topology_;
  const MachineModel model_;
  bool cores_are_shared_ = false;
  std::vector<bool> l3_is_mesh_;      // by L3Id
  std::vector<bool> node_is_mesh_;    // by NodeId; for nodes that describe no L3
  std::vector<Server> memory_;        // by NodeId
  std::vector<Server> link_;          // by NodeId: what leaves for other nodes
  std::vector<int> running_on_pu_;    // by CpuId: threads
  std::vector<int> running_on_core_;  // by CoreId: PUs with at least one thread
};

}  // namespace tally::timed
