// The command line of the dashboard.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tally::viz {

struct Options {
  bool help = false;
  bool version = false;
  bool demo = false;
  bool dump_state = false;
  std::string file;
  std::string screenshot;  // empty: none
  std::string script;      // empty: none
  int width = 1280;
  int height = 720;
  bool size_given = false;
};

// InvalidArgument with one sentence that says what to type instead.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments);

std::string HelpText();

}  // namespace tally::viz
