// Pictures on disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "viz/app/renderer.h"

namespace tally::viz {

absl::Status WritePng(const std::string& path, const Rgba& picture);

}  // namespace tally::viz
