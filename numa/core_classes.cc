#include "numa/core_classes.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

namespace tally {
namespace {

using Kind = MachineFacts::KindFacts;
using Kinds = std::vector<Kind>;

const char kAtom[] = "IntelAtom";
const char kCore[] = "IntelCore";

bool Has(const Kinds& kinds, const std::string& core_type) {
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](const Kind& kind) { return kind.core_type == core_type; });
}

// Kinds whose speed is within a tenth of the fastest one's; all if one of them is unknown.
template <class Speed>
bool MarkFast(const Kinds& kinds, Speed speed, std::vector<CoreClass>& classes) {
  int64_t fastest = 0;
  for (const Kind& kind : kinds) {
    if (speed(kind) <= 0) return false;
    fastest = std::max(fastest, speed(kind));
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    // Divided, not multiplied: a file can say any number.
    if (speed(kinds[i]) < fastest - fastest / 10) classes[i] = CoreClass::kEfficient;
  }
  return true;
}

// By what the vendor says; else the kernel; else the clock; else hwloc's ranking, whose last is
// the fastest.
void MarkEfficient(const Kinds& kinds, std::vector<CoreClass>& classes) {
  if (Has(kinds, kAtom) && Has(kinds, kCore)) {
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i].core_type == kAtom) classes[i] = CoreClass::kEfficient;
    }
    return;
  }
  if (MarkFast(
          kinds, [](const Kind& kind) { return kind.capacity; }, classes))
    return;
  if (MarkFast(
          kinds, [](const Kind& kind) { return kind.max_mhz; }, classes))
    return;
  int fastest = -1;
  for (const Kind& kind : kinds) {
    if (kind.efficiency < 0) return;
    fastest = std::max(fastest, kind.efficiency);
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].efficiency < fastest) classes[i] = CoreClass::kEfficient;
  }
}

size_t CoresOf(const MachineFacts& facts, int kind) {
  size_t cores = 0;
  std::set<int> seen;
  for (const MachineFacts::PuFacts& pu : facts.pus) {
    if (kind < 0 || pu.kind == kind) cores += pu.core < 0 || seen.insert(pu.core).second;
  }
  return cores;
}

// Whether cores of this kind sit on an L3 together with others.
bool SharesL3(const MachineFacts& facts, int kind) {
  std::set<int> own;
  for (const MachineFacts::PuFacts& pu : facts.pus) {
    if (pu.kind == kind && pu.l3 >= 0) own.insert(pu.l3);
  }
  return std::any_of(facts.pus.begin(), facts.pus.end(), [&](const MachineFacts::PuFacts& pu) {
    return pu.kind != kind && pu.l3 >= 0 && own.count(pu.l3) > 0;
  });
}

// The slowest of three kinds or more is the low-power one if two sorts of Atom tell, or if nobody
// names types: when it is a few cores outside of the others' L3. Not where the kernel rates the
// cores (ARM's little cores are many, and meant for work), and not of two kinds: a machine has no
// other small cores then (Lunar Lake).
int LowPowerKind(const MachineFacts& facts, const std::vector<CoreClass>& classes) {
  const Kinds& kinds = facts.kinds;
  if (kinds.size() < 3) return -1;
  size_t slowest = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].efficiency < 0) return -1;
    if (kinds[i].efficiency < kinds[slowest].efficiency) slowest = i;
  }
  const auto of_class = [&](CoreClass wanted) {
    return std::count(classes.begin(), classes.end(), wanted);
  };
  if (classes[slowest] != CoreClass::kEfficient || of_class(CoreClass::kEfficient) < 2) return -1;
  const int kind = static_cast<int>(slowest);
  if (kinds[slowest].core_type == kAtom) return kind;
  const bool named = std::any_of(kinds.begin(), kinds.end(), [](const Kind& kind) {
    return !kind.core_type.empty() || kind.capacity >= 0;
  });
  if (named || SharesL3(facts, kind)) return -1;
  return 4 * CoresOf(facts, kind) <= CoresOf(facts, -1) ? kind : -1;
}

}  // namespace

std::vector<CoreClass> ClassifyKinds(const MachineFacts& facts) {
  std::vector<CoreClass> classes(facts.kinds.size(), CoreClass::kPerformance);
  if (classes.size() < 2) return classes;
  MarkEfficient(facts.kinds, classes);
  const int low_power = LowPowerKind(facts, classes);
  if (low_power >= 0) classes[low_power] = CoreClass::kLowPower;
  return classes;
}

}  // namespace tally
