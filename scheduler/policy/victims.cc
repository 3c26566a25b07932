#include "scheduler/policy/victims.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "numa/check.h"

namespace tally {
namespace {

// From the widest group to the narrowest; workers of one group sit side by side.
constexpr int kLevels = 5;
using Path = std::array<int32_t, kLevels>;  // node, L3, L2, core, PU
constexpr std::array<Proximity, kLevels> kProximity = {
    Proximity::kNode, Proximity::kL3, Proximity::kL2, Proximity::kSmt, Proximity::kSelf};
constexpr int kUnknownDistance = 20;  // between nodes that the machine does not describe

Path PathOf(const Topology& topology, CpuId cpu) {
  const Pu& pu = topology.pus()[cpu.index()];
  return {pu.node.value(), pu.l3.value(), pu.l2.value(), pu.core.value(), cpu.value()};
}

// A cache or core that the machine does not describe (-1) is no group: its PUs are not near.
bool SameGroup(const Path& a, const Path& b, int level) {
  for (int i = 0; i <= level; ++i) {
    if (a[i] != b[i]) return false;
  }
  return a[level] >= 0 || level == 0;
}

void Add(Tier& tier, SeatRange range) {
  if (range.size() == 0) return;
  tier.ranges.push_back(range);
  tier.size += range.size();
}

// The tiers on the worker's own node: each group without the one inside it.
std::vector<Tier> LocalTiers(const std::vector<Path>& path_at, uint32_t seat) {
  std::vector<Tier> tiers;
  const uint32_t count = static_cast<uint32_t>(path_at.size());
  SeatRange inner{seat, seat + 1};
  for (int level = kLevels - 1; level >= 0; --level) {
    SeatRange outer = inner;
    while (outer.first > 0 && SameGroup(path_at[seat], path_at[outer.first - 1], level)) {
      --outer.first;
    }
    while (outer.last < count && SameGroup(path_at[seat], path_at[outer.last], level)) {
      ++outer.last;
    }
    Tier tier{.proximity = kProximity[level], .node_distance = 10, .ranges = {}, .size = 0};
    Add(tier, {inner.last, outer.last});
    Add(tier, {outer.first, inner.first});
    if (tier.size > 0) tiers.push_back(std::move(tier));
    inner = outer;
  }
  return tiers;
}

struct NodeSeats {
  NodeId node;
  SeatRange seats;
};

// The tiers on other nodes: one for all nodes that are equally far.
std::vector<Tier> RemoteTiers(const Topology& topology, const std::vector<NodeSeats>& nodes,
                              NodeId own) {
  std::vector<Tier> tiers;
  for (const auto& [node, seats] : nodes) {
    if (node == own) continue;
    const bool known = node.valid() && own.valid();
    const int distance = known ? topology.NodeDistance(own, node) : kUnknownDistance;
    const PackageId package = known ? topology.nodes()[node.index()].package : PackageId();
    const bool same_package = package.valid() && package == topology.nodes()[own.index()].package;
    const Proximity proximity = same_package ? Proximity::kPackage : Proximity::kRemote;
    auto same = std::find_if(tiers.begin(), tiers.end(), [&](const Tier& tier) {
      return tier.node_distance == distance && tier.proximity == proximity;
    });
    if (same == tiers.end()) {
      tiers.push_back({.proximity = proximity, .node_distance = distance, .ranges = {}, .size = 0});
      same = tiers.end() - 1;
    }
    Add(*same, seats);
  }
  std::stable_sort(tiers.begin(), tiers.end(), [](const Tier& a, const Tier& b) {
    return std::tie(a.node_distance, a.proximity) < std::tie(b.node_distance, b.proximity);
  });
  return tiers;
}

}  // namespace

uint32_t Tier::Seat(uint32_t index) const {
  for (const SeatRange& range : ranges) {
    if (index < range.size()) return range.first + index;
    index -= range.size();
  }
  TALLY_CHECK(false, "a seat index is below the tier's size");
  return 0;
}

VictimOrder::VictimOrder(const Topology& topology, const std::vector<CpuId>& cpus)
    : seat_of_(cpus.size()), worker_at_(cpus.size()), node_seats_(topology.nodes().size()) {
  const uint32_t count = workers();
  std::vector<uint32_t> sorted(count);
  std::iota(sorted.begin(), sorted.end(), 0u);
  std::stable_sort(sorted.begin(), sorted.end(), [&](uint32_t a, uint32_t b) {
    return PathOf(topology, cpus[a]) < PathOf(topology, cpus[b]);
  });
  std::vector<Path> path_at(count);
  std::vector<NodeSeats> nodes;
  for (uint32_t seat = 0; seat < count; ++seat) {
    worker_at_[seat] = WorkerId(static_cast<int32_t>(sorted[seat]));
    seat_of_[sorted[seat]] = seat;
    path_at[seat] = PathOf(topology, cpus[sorted[seat]]);
    const NodeId node(path_at[seat][0]);
    if (nodes.empty() || nodes.back().node != node) nodes.push_back({node, {seat, seat}});
    nodes.back().seats.last = seat + 1;
  }
  for (const auto& [node, seats] : nodes) {
    if (node.valid()) node_seats_[node.index()] = seats;
  }
  tiers_.reserve(count);
  for (uint32_t w = 0; w < count; ++w) {
    std::vector<Tier> tiers = LocalTiers(path_at, seat_of_[w]);
    for (Tier& tier : RemoteTiers(topology, nodes, topology.pus()[cpus[w].index()].node)) {
      tiers.push_back(std::move(tier));
    }
    tiers_.push_back(std::move(tiers));
  }
}

std::vector<NodeId> NodesByDistance(const Topology& topology, NodeId node) {
  std::vector<NodeId> order;
  for (size_t n = 0; n < topology.nodes().size(); ++n) order.emplace_back(static_cast<int>(n));
  if (!node.valid()) return order;
  const auto far = [&](NodeId other) {
    return other == node ? 0 : topology.NodeDistance(node, other);
  };
  std::stable_sort(order.begin(), order.end(), [&](NodeId a, NodeId b) { return far(a) < far(b); });
  return order;
}

}  // namespace tally
