#include "tests/guest/probe.h"

#include <cstdio>
#include <string>

namespace tally::guest {
namespace {

struct Probe {
  const char* name;
  int (*run)(const Arguments&);
};

constexpr Probe kProbes[] = {
    {"workers", ProbeWorkers},
    {"default-workers", ProbeDefaultWorkers},
    {"round-robin", ProbeRoundRobin},
    {"first-touch", ProbeFirstTouch},
    {"homes-refused", ProbeHomesRefused},
    {"memory-modes", ProbeMemoryModes},
    {"memory-weights", ProbeMemoryWeights},
    {"memory-migrate", ProbeMemoryMigrate},
    {"memory-full", ProbeMemoryFull},
    {"memory-full-bound", ProbeMemoryFullBound},
    {"memory-refused", ProbeMemoryRefused},
    {"memory-cpuset", ProbeMemoryCpuset},
    {"memory-cpuset-change", ProbeMemoryCpusetChange},
    {"memory-balancing", ProbeMemoryBalancing},
    {"memory-pressure", ProbeMemoryPressure},
    {"cpuset-change", ProbeCpusetChange},
    {"memory-looked-after", ProbeMemoryLookedAfter},
    {"run", ProbeRun},
};

}  // namespace
}  // namespace tally::guest

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const tally::guest::Probe& probe : tally::guest::kProbes) {
    if (name == probe.name) return probe.run(tally::guest::Arguments(argv + 2, argv + argc));
  }
  std::printf("WRONG claim: there is no probe named '%s'\n", name.c_str());
  return 2;
}
