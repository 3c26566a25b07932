// Runs what was asked for and says what came out, row by row.
#pragma once

#include "absl/status/statusor.h"
#include "benchmarks/docs/results.h"
#include "benchmarks/options.h"

namespace tally::benchmarks {

// Prints each row as soon as it is known, and what failed on stderr; false if anything did.
bool RunProblems(const Options& options, std::vector<Comparison>* rows);

// The same for the six families. Afterwards this process has threads, and must not fork.
bool RunTheFamilies(const Options& options, std::vector<Comparison>* rows);

// Prints the table of weak scaling in virtual time, as Markdown.
absl::Status RunScaling(const Options& options);

// Everything that docs/benchmarks.md shows, with what was just run.
absl::Status RunForDocs(const Options& options, Results results);

}  // namespace tally::benchmarks
