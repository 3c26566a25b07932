// Runs a program as a user would, and keeps what it said.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tally {

struct Outcome {
  int exit_code = -1;  // 128 + the signal, if one killed it
  std::string out;
  std::string err;
};

// `environment` is laid over this process's own; an empty value removes the variable.
Outcome RunCommand(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {});

}  // namespace tally
