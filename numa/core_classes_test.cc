// Machines with several kinds of cores, as their kernels describe them.
#include "numa/core_classes.h"

#include <string>

#include "gtest/gtest.h"

namespace tally {
namespace {

using Kind = MachineFacts::KindFacts;

struct CoresOfKind {
  Kind kind;
  int cores;
  int l3;  // -1: none
};

MachineFacts Machine(const std::vector<CoresOfKind>& kinds) {
  MachineFacts facts;
  for (const CoresOfKind& some : kinds) {
    for (int i = 0; i < some.cores; ++i) {
      const int number = static_cast<int>(facts.pus.size());
      facts.pus.push_back({.os_index = number,
                           .core = number,
                           .l3 = some.l3,
                           .kind = static_cast<int>(facts.kinds.size())});
    }
    facts.kinds.push_back(some.kind);
  }
  return facts;
}

// One letter per kind: P, E, or L for low power.
std::string Classes(const std::vector<CoresOfKind>& kinds) {
  std::string text;
  for (CoreClass core_class : ClassifyKinds(Machine(kinds))) {
    text += core_class == CoreClass::kPerformance ? 'P'
            : core_class == CoreClass::kEfficient ? 'E'
                                                  : 'L';
  }
  return text;
}

struct Row {
  const char* machine;
  std::vector<CoresOfKind> kinds;
  const char* classes;
};

TEST(CoreClasses, Table) {
  const Row kTable[] = {
      {"nobody says", {}, ""},
      {"all alike", {{{.efficiency = 0, .max_mhz = 1700}, 48, 0}}, "P"},
      {"not ranked", {{{}, 4, 0}, {{}, 4, 0}}, "PP"},
      {"ranked only", {{{.efficiency = 0}, 4, 0}, {{.efficiency = 1}, 4, 0}}, "EP"},
      {"Raptor Lake without types",
       {{{.efficiency = 0, .max_mhz = 3900}, 8, 0}, {{.efficiency = 1, .max_mhz = 5000}, 6, 0}},
       "EP"},
      {"a server whose favoured cores boost higher",
       {{{.efficiency = 0, .max_mhz = 3700}, 30, 0}, {{.efficiency = 1, .max_mhz = 3900}, 2, 0}},
       "PP"},
      {"GB10: two sorts of ARM cores in five kinds",
       {{{.efficiency = 0, .capacity = 718, .max_mhz = 2808}, 5, 0},
        {{.efficiency = 1, .capacity = 731, .max_mhz = 2808}, 5, 1},
        {{.efficiency = 2, .capacity = 997, .max_mhz = 3900}, 5, 0},
        {{.efficiency = 3, .capacity = 1017, .max_mhz = 3900}, 4, 1},
        {{.efficiency = 4, .capacity = 1024, .max_mhz = 3900}, 1, 1}},
       "EEPPP"},
      {"Meteor Lake",
       {{{.efficiency = 0, .core_type = "IntelAtom", .max_mhz = 2500}, 2, -1},
        {{.efficiency = 1, .core_type = "IntelAtom", .max_mhz = 3800}, 8, 0},
        {{.efficiency = 2, .core_type = "IntelCore", .max_mhz = 4500}, 4, 0},
        {{.efficiency = 3, .core_type = "IntelCore", .max_mhz = 4800}, 2, 0}},
       "LEPP"},
      {"Meteor Lake without types: its LP-E cores have no L3",
       {{{.efficiency = 0, .max_mhz = 2500}, 2, -1},
        {{.efficiency = 1, .max_mhz = 3800}, 8, 0},
        {{.efficiency = 2, .max_mhz = 4800}, 6, 0}},
       "LEP"},
      {"three speeds on one L3",
       {{{.efficiency = 0, .max_mhz = 2500}, 2, 0},
        {{.efficiency = 1, .max_mhz = 3800}, 8, 0},
        {{.efficiency = 2, .max_mhz = 4800}, 6, 0}},
       "EEP"},
      {"a phone: the little cores are half of it",
       {{{.efficiency = 0, .max_mhz = 2000}, 4, -1},
        {{.efficiency = 1, .max_mhz = 2400}, 3, 0},
        {{.efficiency = 2, .max_mhz = 3200}, 1, 0}},
       "EEP"},
      {"Lunar Lake: its low-power cores are its only small ones",
       {{{.efficiency = 0, .core_type = "IntelAtom", .max_mhz = 3700}, 4, -1},
        {{.efficiency = 1, .core_type = "IntelCore", .max_mhz = 4800}, 4, 0}},
       "EP"},
      {"one clock is missing: the ranking decides",
       {{{.efficiency = 0, .max_mhz = 3900}, 8, 0}, {{.efficiency = 1}, 6, 0}},
       "EP"},
  };
  for (const Row& row : kTable) EXPECT_EQ(Classes(row.kinds), row.classes) << row.machine;
}

}  // namespace
}  // namespace tally
