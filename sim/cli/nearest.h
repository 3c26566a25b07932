// What somebody who mistyped a name probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

// The candidate with the fewest letters to change; empty if all are too different to be meant.
std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace tally::cli
