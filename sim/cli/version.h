#pragma once

namespace tally::cli {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace tally::cli
