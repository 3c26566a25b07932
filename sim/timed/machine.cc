#include "sim/timed/machine.h"

#include <algorithm>

#include "numa/check.h"

namespace tally::timed {
namespace {

int64_t PicosPerKib(int64_t bytes_per_us) { return 1024 * int64_t{1'000'000} / bytes_per_us; }

}  // namespace

Machine::Machine(const Topology& topology, const MachineModel& model)
    : topology_(topology),
      model_(model),
      l3_is_mesh_(static_cast<size_t>(topology.l3_groups())),
      memory_(std::max<size_t>(topology.nodes().size(), 1)),
      link_(memory_.size()),
      running_on_pu_(topology.pus().size()),
      running_on_core_(static_cast<size_t>(topology.cores())) {
  std::vector<int> cpus_of_l3(l3_is_mesh_.size());
  for (const Pu& pu : topology.pus()) {
    if (pu.l3.valid()) ++cpus_of_l3[pu.l3.index()];
  }
  const int threads_per_core = topology.cores() == 0 ? 1 : std::max(1, cpus() / topology.cores());
  for (const Node& node : topology.nodes()) {
    const int cores = static_cast<int>(node.cpus.size()) / threads_per_core;
    node_is_mesh_.push_back(cores >= model.mesh_from_cores);
  }
  node_is_mesh_.resize(memory_.size());
  cores_are_shared_ = threads_per_core > 1;
  for (size_t l3 = 0; l3 < cpus_of_l3.size(); ++l3) {
    l3_is_mesh_[l3] = cpus_of_l3[l3] / threads_per_core >= model.mesh_from_cores;
  }
  const int nodes_per_package =
      std::max(1, static_cast<int>(memory_.size()) / std::max(1, topology.packages()));
  const int64_t node_bytes_per_us = model.package_bytes_per_us / nodes_per_package;
  for (Server& server : memory_) server.picos_per_kib = PicosPerKib(node_bytes_per_us);
  for (Server& server : link_) {
    server.picos_per_kib = PicosPerKib(node_bytes_per_us * model.remote_link_percent / 100);
  }
}

Nanos Machine::RemoteNs(NodeId from, NodeId to) const {
  if (!from.valid() || !to.valid()) return model_.remote_base_ns;
  const int distance = topology_.NodeDistance(from, to);
  return std::min(model_.remote_max_ns, model_.remote_base_ns + model_.remote_per_distance_ns *
                                                                    std::max(0, distance - 10));
}

Nanos Machine::TransferNs(CpuId from, CpuId to) const {
  if (!from.valid() || !to.valid()) return model_.mesh_ns;
  const Pu& a = topology_.pus()[from.index()];
  const Pu& b = topology_.pus()[to.index()];
  switch (topology_.ProximityOf(from, to)) {
    case Proximity::kSelf:
      return model_.own_hit_ns;
    case Proximity::kSmt:
      return model_.smt_ns;
    case Proximity::kL2:
      return model_.l2_ns;
    case Proximity::kL3:
      return l3_is_mesh_[a.l3.index()] ? model_.mesh_ns : model_.l3_ns;
    case Proximity::kNode:
      if (a.l3.valid() && b.l3.valid()) return model_.across_l3_ns;
      return node_is_mesh_[LocalNode(from).index()] ? model_.mesh_ns : model_.l3_ns;
    case Proximity::kPackage:
      return model_.package_ns;
    case Proximity::kRemote:
      return RemoteNs(a.node, b.node);
  }
  TALLY_CHECK(false, "every proximity has a price");
}

NodeId Machine::LocalNode(CpuId cpu) const {
  if (!cpu.valid()) return NodeId(0);
  const NodeId node = topology_.pus()[cpu.index()].node;
  return node.valid() ? node : NodeId(0);
}

Nanos Machine::LatencyNs(CpuId cpu, NodeId home) const {
  const NodeId local = LocalNode(cpu);
  if (local == home) return model_.memory_latency_ns;
  return model_.memory_latency_ns * topology_.NodeDistance(local, home) / 10;
}

int64_t Machine::Server::Serve(int64_t now_picos, uint64_t bytes) {
  free_at_picos =
      std::max(free_at_picos, now_picos) + picos_per_kib * static_cast<int64_t>(bytes) / 1024;
  return free_at_picos;
}

Nanos Machine::Move(Nanos now, CpuId cpu, NodeId home, uint64_t bytes) {
  const NodeId local = LocalNode(cpu);
  const int64_t now_picos = now * 1000;
  int64_t end = memory_[home.index()].Serve(now_picos, bytes);
  int64_t own = PicosPerKib(model_.core_bytes_per_us) * static_cast<int64_t>(bytes) / 1024;
  if (local != home) {
    end = std::max(end, link_[home.index()].Serve(now_picos, bytes));
    own = own * topology_.NodeDistance(local, home) / 10;
  }
  return (std::max(end, now_picos + own) + 999) / 1000;
}

void Machine::CountRunning(CpuId cpu, int change) {
  if (!cpu.valid()) return;
  int& running = running_on_pu_[cpu.index()];
  const bool was_busy = running > 0;
  running += change;
  if (running > 1) cores_are_shared_ = true;
  const CoreId core = topology_.pus()[cpu.index()].core;
  if (core.valid() && was_busy != (running > 0)) running_on_core_[core.index()] += change;
}

Nanos Machine::Slowed(CpuId cpu, Nanos nanos) const {
  if (!cpu.valid()) return nanos;
  const int turns = std::max(1, running_on_pu_[cpu.index()]);
  const CoreId core = topology_.pus()[cpu.index()].core;
  const int siblings = core.valid() ? std::max(1, running_on_core_[core.index()]) - 1 : 0;
  if (turns == 1 && siblings == 0) return nanos;
  return nanos * turns * (100 + model_.smt_slowdown_percent * siblings) / 100;
}

}  // namespace tally::timed
