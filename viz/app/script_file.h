// A script on disk.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "viz/app/script.h"

namespace tally::viz {

inline absl::StatusOr<Script> ReadScript(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read the script ", path));
  return Script::Parse(text.str());
}

}  // namespace tally::viz
