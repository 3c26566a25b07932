// The six families: creation for various worker counts; submission at each priority; data of 64 B
// to 16 KB; concurrent submission by many threads; steal efficiency under uneven load; sequential,
// random and burst memory access.
//
// Google Benchmark runs them, in random order and all repetitions of all contenders mixed.
#pragma once

#include "benchmarks/harness/rounds.h"

namespace tally::benchmarks {

// In this process, which has threads ever after. `before` is told what comes now, and how many
// measurements there are.
Outcome RunFamilies(int repetitions, bool quick,
                    const std::function<void(int done, int all)>& progress);

}  // namespace tally::benchmarks
