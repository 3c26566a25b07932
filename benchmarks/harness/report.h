// Comparisons in words: as a table, or a JSON object a row.
#pragma once

#include <string>

#include "benchmarks/harness/rounds.h"

namespace tally::benchmarks {

// {"work", "workers", "unit", "rounds", "ours", "peer", "theirs", "ratio_median", "ratio_min",
// "ratio_max"}, without a line break. What could not be measured is null, and so is an infinite
// ratio: the peer took nothing, and ours did (Comparison).
std::string JsonRow(const Comparison& row);

// "1/24.1" below one, "1.31" above; "0" and "inf" where only one of them took anything.
std::string Ratio(double ratio);

// Three digits that mean something: "2.85", "41.5", "312", "0.0002".
std::string Value(double value);

std::string TableHeader();
std::string TableRow(const Comparison& row);

}  // namespace tally::benchmarks
