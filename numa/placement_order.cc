#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "numa/check.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"

namespace tally {
namespace {

using Cpus = std::vector<CpuId>;

// All PUs of one turn are on different cores: first the first PU of every core, then the second...
// Low-power cores have their turns when all others have had theirs.
std::vector<Cpus> TurnsOfDistinctCores(const Topology& topology) {
  const std::vector<Pu>& pus = topology.pus();
  const bool none_allowed =
      std::none_of(pus.begin(), pus.end(), [](const Pu& pu) { return pu.allowed; });
  std::vector<Cpus> turns, low_power_turns;
  std::vector<size_t> used(topology.cores(), 0);  // PUs of a core that have had their turn
  for (size_t i = 0; i < pus.size(); ++i) {
    if (!pus[i].allowed && !none_allowed) continue;
    const size_t turn = pus[i].core.valid() ? used[pus[i].core.index()]++ : 0;
    std::vector<Cpus>& into = pus[i].core_class == CoreClass::kLowPower ? low_power_turns : turns;
    if (into.size() <= turn) into.resize(turn + 1);
    into[turn].push_back(CpuId(static_cast<int32_t>(i)));
  }
  turns.insert(turns.end(), low_power_turns.begin(), low_power_turns.end());
  return turns;
}

using Level = int32_t (*)(const Pu&);

int32_t PackageOf(const Pu& pu) { return pu.package.value(); }
int32_t NodeOf(const Pu& pu) { return pu.node.value(); }
int32_t L3Of(const Pu& pu) { return pu.l3.value(); }
int32_t L2Of(const Pu& pu) { return pu.l2.value(); }
int32_t ClassOf(const Pu& pu) { return static_cast<int32_t>(pu.core_class); }

// Splits by `level`; groups in order of their ids, "none" last.
std::vector<Cpus> SplitBy(const Topology& topology, Level level, const Cpus& cpus) {
  std::map<uint32_t, Cpus> groups;  // unsigned: -1 becomes the largest
  for (CpuId cpu : cpus) {
    groups[static_cast<uint32_t>(level(topology.pus()[cpu.index()]))].push_back(cpu);
  }
  std::vector<Cpus> split;
  for (auto& [id, members] : groups) split.push_back(std::move(members));
  return split;
}

// One of each group in turn; a group that has run out is passed over.
Cpus RoundRobin(const std::vector<Cpus>& groups) {
  Cpus order;
  bool more = true;
  for (size_t round = 0; more; ++round) {
    more = false;
    for (const Cpus& group : groups) {
      if (round < group.size()) order.push_back(group[round]);
      more |= round + 1 < group.size();
    }
  }
  return order;
}

Cpus Concatenate(const std::vector<Cpus>& groups) {
  Cpus order;
  for (const Cpus& group : groups) order.insert(order.end(), group.begin(), group.end());
  return order;
}

// Neighbours in the result are as far apart as the machine allows: round robin over packages, each
// in round robin over its nodes, and so on inwards.
Cpus Scatter(const Topology& topology, const Cpus& cpus, const Level* level, const Level* end) {
  if (level == end) return cpus;
  std::vector<Cpus> groups = SplitBy(topology, *level, cpus);
  for (Cpus& group : groups) group = Scatter(topology, group, level + 1, end);
  return RoundRobin(groups);
}

Cpus OverNodes(const Topology& topology, const Cpus& cpus) {
  std::vector<Cpus> nodes = SplitBy(topology, NodeOf, cpus);
  Cpus homeless;
  if (nodes.size() > 1 && !topology.pus()[nodes.back().front().index()].node.valid()) {
    homeless = std::move(nodes.back());
    nodes.pop_back();
  }
  return Concatenate({RoundRobin(nodes), homeless});
}

// L3s in order, and after them, for PUs without one, their nodes.
Cpus OverL3s(const Topology& topology, const Cpus& cpus) {
  std::vector<Cpus> groups;
  for (Cpus& group : SplitBy(topology, L3Of, cpus)) {
    if (topology.pus()[group.front().index()].l3.valid()) {
      groups.push_back(std::move(group));
      continue;
    }
    for (Cpus& node : SplitBy(topology, NodeOf, group)) groups.push_back(std::move(node));
  }
  return RoundRobin(groups);
}

Cpus Compact(const Topology& topology, const Cpus& cpus) {
  return Concatenate(SplitBy(topology, NodeOf, cpus));
}

Cpus FastFirst(const Topology& topology, const Cpus& cpus) {
  Cpus order;
  for (const Cpus& group : SplitBy(topology, ClassOf, cpus)) {
    const Cpus compact = Compact(topology, group);
    order.insert(order.end(), compact.begin(), compact.end());
  }
  return order;
}

Cpus OrderTurn(const Topology& topology, PlacementPolicy policy, const Cpus& turn) {
  switch (policy) {
    case PlacementPolicy::kCompact:
      return Compact(topology, turn);
    case PlacementPolicy::kScatter: {
      constexpr Level kInwards[] = {PackageOf, NodeOf, L3Of, L2Of};
      return Scatter(topology, turn, std::begin(kInwards), std::end(kInwards));
    }
    case PlacementPolicy::kRoundRobinNodes:
      return OverNodes(topology, turn);
    case PlacementPolicy::kOnePerL3:
      return OverL3s(topology, turn);
    case PlacementPolicy::kCriticalOnPCores:
      return FastFirst(topology, turn);
    case PlacementPolicy::kList:
      break;
  }
  TALLY_CHECK(false, "every policy that orders PUs is handled");
  return {};
}

Cpus Listed(const Topology& topology, const std::vector<int>& numbers) {
  std::map<int, CpuId> by_number;
  for (size_t i = 0; i < topology.pus().size(); ++i) {
    by_number[topology.pus()[i].os_index] = CpuId(static_cast<int32_t>(i));
  }
  Cpus cpus;
  for (int number : numbers) cpus.push_back(by_number.at(number));
  return cpus;
}

}  // namespace

std::vector<CpuId> PlaceWorkers(const Topology& topology, const Placement& placement, int workers) {
  TALLY_CHECK(workers >= 1, "somebody has to work");
  TALLY_CHECK(CheckPlacement(topology, placement).ok(), "the caller has checked the placement");
  Cpus order;
  if (placement.policy == PlacementPolicy::kList) {
    order = Listed(topology, placement.cpus);
  } else {
    for (const Cpus& turn : TurnsOfDistinctCores(topology)) {
      const Cpus ordered = OrderTurn(topology, placement.policy, turn);
      order.insert(order.end(), ordered.begin(), ordered.end());
    }
  }
  Cpus placed;
  placed.reserve(workers);
  for (int worker = 0; worker < workers; ++worker) placed.push_back(order[worker % order.size()]);
  return placed;
}

}  // namespace tally
