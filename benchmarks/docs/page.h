// docs/benchmarks.md: words by hand, and between two marks what was measured.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/docs/results.h"

namespace tally::benchmarks {

// One line for each worker count.
std::string ScalingTable(const std::vector<ScalingRow>& rows);

// What goes between the marks, in Markdown.
std::string MeasuredPart(const Results& results);

// `page` with that part replaced. InvalidArgument if the marks are missing.
absl::StatusOr<std::string> ReplaceMeasured(const std::string& page, const std::string& part);

// Rewrites `folder`/benchmarks.md and draws its pictures into `folder`/pictures.
absl::Status WriteDocs(const std::string& folder, const Results& results);

}  // namespace tally::benchmarks
