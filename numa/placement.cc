#include "numa/placement.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally {
namespace {

using Cpus = std::vector<CpuId>;

struct PolicyName {
  PlacementPolicy policy;
  std::string_view name;
};

constexpr PolicyName kNames[] = {
    {PlacementPolicy::kCompact, "compact"},
    {PlacementPolicy::kScatter, "scatter"},
    {PlacementPolicy::kRoundRobinNodes, "round-robin"},
};

// All PUs of one turn are on different cores: first the first PU of every core, then the second...
std::vector<Cpus> TurnsOfDistinctCores(const Topology& topology) {
  const std::vector<Pu>& pus = topology.pus();
  const bool none_allowed =
      std::none_of(pus.begin(), pus.end(), [](const Pu& pu) { return pu.allowed; });
  std::vector<Cpus> turns;
  std::vector<size_t> used(topology.cores(), 0);  // PUs of a core that have had their turn
  for (size_t i = 0; i < pus.size(); ++i) {
    if (!pus[i].allowed && !none_allowed) continue;
    const size_t turn = pus[i].core.valid() ? used[pus[i].core.index()]++ : 0;
    if (turns.size() <= turn) turns.resize(turn + 1);
    turns[turn].push_back(CpuId(static_cast<int32_t>(i)));
  }
  return turns;
}

using Level = int32_t (*)(const Pu&);

int32_t PackageOf(const Pu& pu) { return pu.package.value(); }
int32_t NodeOf(const Pu& pu) { return pu.node.value(); }
int32_t L3Of(const Pu& pu) { return pu.l3.value(); }
int32_t L2Of(const Pu& pu) { return pu.l2.value(); }

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

Cpus OrderTurn(const Topology& topology, PlacementPolicy policy, const Cpus& turn) {
  switch (policy) {
    case PlacementPolicy::kCompact:
      return Concatenate(SplitBy(topology, NodeOf, turn));
    case PlacementPolicy::kScatter: {
      constexpr Level kInwards[] = {PackageOf, NodeOf, L3Of, L2Of};
      return Scatter(topology, turn, std::begin(kInwards), std::end(kInwards));
    }
    case PlacementPolicy::kRoundRobinNodes: {
      std::vector<Cpus> nodes = SplitBy(topology, NodeOf, turn);
      const bool homeless_last =
          nodes.size() > 1 && !topology.pus()[nodes.back().front().index()].node.valid();
      Cpus homeless;
      if (homeless_last) {
        homeless = std::move(nodes.back());
        nodes.pop_back();
      }
      return Concatenate({RoundRobin(nodes), homeless});
    }
  }
  TALLY_CHECK(false, "every policy is handled");
  return {};
}

}  // namespace

absl::StatusOr<PlacementPolicy> ParsePlacementPolicy(std::string_view text) {
  std::string known;
  for (const PolicyName& entry : kNames) {
    if (entry.name == text) return entry.policy;
    absl::StrAppend(&known, known.empty() ? "" : ", ", std::string(entry.name));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no placement \"", std::string(text), "\": type one of ", known));
}

std::string_view PlacementPolicyName(PlacementPolicy policy) {
  for (const PolicyName& entry : kNames) {
    if (entry.policy == policy) return entry.name;
  }
  TALLY_CHECK(false, "every policy has a name");
  return "";
}

std::vector<CpuId> PlaceWorkers(const Topology& topology, PlacementPolicy policy, int workers) {
  TALLY_CHECK(workers >= 1, "somebody has to work");
  Cpus order;
  for (const Cpus& turn : TurnsOfDistinctCores(topology)) {
    const Cpus ordered = OrderTurn(topology, policy, turn);
    order.insert(order.end(), ordered.begin(), ordered.end());
  }
  Cpus placed;
  placed.reserve(workers);
  for (int worker = 0; worker < workers; ++worker) placed.push_back(order[worker % order.size()]);
  return placed;
}

}  // namespace tally
