#include "numa/placement_properties.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace tally {
namespace {

using Cpus = std::vector<CpuId>;
using Key = std::function<uint32_t(const Pu&)>;  // "none" is the largest

template <class AnyId>
uint32_t Number(AnyId id) {
  return static_cast<uint32_t>(id.value());
}

class Checker {
 public:
  Checker(const Topology& topology, PlacementPolicy policy) : topology_(topology), policy_(policy) {
    for (size_t i = 0; i < topology.pus().size(); ++i) {
      const CpuId cpu(static_cast<int32_t>(i));
      if (topology.pus()[i].allowed) turns_[TurnOf(cpu)].push_back(cpu);
      allowed_ += topology.pus()[i].allowed;
    }
  }

  std::string Check(const Cpus& placed) const {
    for (size_t worker = 0; worker < placed.size(); ++worker) {
      if (!PuOf(placed[worker]).allowed) return "a worker sits where this process may not run";
      if (worker >= allowed_ && placed[worker] != placed[worker - allowed_]) {
        return "a second lap differs from the first";
      }
    }
    const Cpus lap(placed.begin(), placed.begin() + std::min(allowed_, placed.size()));
    if (std::set<CpuId>(lap.begin(), lap.end()).size() != lap.size()) {
      return "a PU is used twice before another is used once";
    }
    size_t done = 0;
    for (const auto& [turn, members] : turns_) {
      const size_t count = std::min(members.size(), lap.size() - done);
      const Cpus placed_now(lap.begin() + done, lap.begin() + done + count);
      for (CpuId cpu : placed_now) {
        if (TurnOf(cpu) != turn) return "a sibling or low-power core comes before a core";
      }
      if (std::string broken = CheckTurn(members, placed_now); !broken.empty()) return broken;
      done += count;
    }
    return "";
  }

 private:
  const Pu& PuOf(CpuId cpu) const { return topology_.pus()[cpu.index()]; }

  // Whether low power, and how many allowed PUs of its core come before it.
  std::pair<bool, int> TurnOf(CpuId cpu) const {
    const Pu& pu = PuOf(cpu);
    int before = 0;
    for (size_t i = 0; pu.core.valid() && i < cpu.index(); ++i) {
      before += topology_.pus()[i].core == pu.core && topology_.pus()[i].allowed;
    }
    return {pu.core_class == CoreClass::kLowPower, before};
  }

  std::string CheckTurn(const Cpus& members, const Cpus& placed) const {
    const Key node = [](const Pu& pu) { return Number(pu.node); };
    const Key package = [](const Pu& pu) { return Number(pu.package); };
    const Key l3 = [](const Pu& pu) { return Number(pu.l3); };
    const Key l2 = [](const Pu& pu) { return Number(pu.l2); };
    switch (policy_) {
      case PlacementPolicy::kCompact:
        return CheckSorted(placed, [&](CpuId cpu) { return std::tuple(node(PuOf(cpu)), cpu); });
      case PlacementPolicy::kCriticalOnPCores:
        return CheckSorted(placed, [&](CpuId cpu) {
          return std::tuple(PuOf(cpu).core_class, node(PuOf(cpu)), cpu);
        });
      case PlacementPolicy::kScatter:
        return CheckNested(members, placed, {package, node, l3, l2});
      case PlacementPolicy::kRoundRobinNodes:
        return CheckHomelessLast(members, placed, node);
      case PlacementPolicy::kOnePerL3:
        return CheckTurns(members, placed, [&](const Pu& pu) {
          return pu.l3.valid() ? pu.l3.index()
                               : (1u << 30) + (pu.node.valid() ? pu.node.index() : 1u << 29);
        });
      case PlacementPolicy::kList:
        break;
    }
    return "this policy has no turns";
  }

  template <class Order>
  static std::string CheckSorted(const Cpus& placed, Order order) {
    const bool sorted = std::is_sorted(placed.begin(), placed.end(),
                                       [&](CpuId a, CpuId b) { return order(a) < order(b); });
    return sorted ? "" : "neighbours are not together";
  }

  // Each next one goes to the group that has had the fewest and has some left; among equals the
  // first. Within a group, in order.
  std::string CheckTurns(const Cpus& members, const Cpus& placed, const Key& key) const {
    std::map<uint32_t, size_t> left, had;
    for (CpuId cpu : members) ++left[key(PuOf(cpu))];
    for (CpuId cpu : placed) {
      const auto fewest = std::min_element(left.begin(), left.end(), [&](auto& a, auto& b) {
        return std::tuple(a.second == 0, had[a.first]) < std::tuple(b.second == 0, had[b.first]);
      });
      if (fewest->first != key(PuOf(cpu))) return "a group is passed over";
      ++had[fewest->first];
      --fewest->second;
    }
    return "";
  }

  std::string CheckNested(const Cpus& members, const Cpus& placed, std::vector<Key> keys) const {
    if (keys.empty()) return CheckSorted(placed, [](CpuId cpu) { return cpu; });
    const Key key = keys.front();
    if (std::string broken = CheckTurns(members, placed, key); !broken.empty()) return broken;
    keys.erase(keys.begin());
    std::map<uint32_t, std::pair<Cpus, Cpus>> groups;
    for (CpuId cpu : members) groups[key(PuOf(cpu))].first.push_back(cpu);
    for (CpuId cpu : placed) groups[key(PuOf(cpu))].second.push_back(cpu);
    for (const auto& [number, group] : groups) {
      if (std::string broken = CheckNested(group.first, group.second, keys); !broken.empty()) {
        return broken;
      }
    }
    return "";
  }

  std::string CheckHomelessLast(const Cpus& members, const Cpus& placed, const Key& node) const {
    const auto homed = [&](CpuId cpu) { return PuOf(cpu).node.valid(); };
    Cpus homed_members, homed_placed;
    std::copy_if(members.begin(), members.end(), std::back_inserter(homed_members), homed);
    std::copy_if(placed.begin(), placed.end(), std::back_inserter(homed_placed), homed);
    if (homed_placed.size() != std::min(homed_members.size(), placed.size())) {
      return "a PU without a node comes before one that has a home";
    }
    return CheckTurns(homed_members, homed_placed, node);
  }

  const Topology& topology_;
  const PlacementPolicy policy_;
  std::map<std::pair<bool, int>, Cpus> turns_;
  size_t allowed_ = 0;
};

}  // namespace

std::string BrokenPlacement(const Topology& topology, const Placement& placement,
                            const std::vector<CpuId>& placed) {
  if (placement.policy != PlacementPolicy::kList) {
    return Checker(topology, placement.policy).Check(placed);
  }
  for (size_t worker = 0; worker < placed.size(); ++worker) {
    const int asked = placement.cpus[worker % placement.cpus.size()];
    const int got = topology.pus()[placed[worker].index()].os_index;
    if (asked != got) return absl::StrCat("worker ", worker, " was sent to CPU ", asked);
  }
  return "";
}

}  // namespace tally
