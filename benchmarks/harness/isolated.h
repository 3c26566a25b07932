// Measures in a process of its own.
//
// Contenders would disturb each other in one process: libgomp's threads spin on for milliseconds
// after a parallel region, oneTBB's stay, and each leaves a heap behind. A forked child starts with
// one thread and nothing of that, and takes everything with it when it ends; a peer that crashes
// or hangs costs one measurement. Hence the parent must never start a thread.
#pragma once

#include <cstddef>
#include <functional>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks {

// Calls `measure` in a child. What it returns comes back, its status too; Internal if it gave not
// `values` values or died, DeadlineExceeded if it took longer than `limit_s` seconds.
Measured MeasureIsolated(const std::function<Measured()>& measure, size_t values,
                         double limit_s = 60);

}  // namespace tally::benchmarks
