// Every problem there is.
#pragma once

#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks {

// In the order of the table.
const std::vector<const Problem*>& Catalogue();

}  // namespace tally::benchmarks
