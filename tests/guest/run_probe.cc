// `tally run --json`, as users get it.

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "nlohmann/json.hpp"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

using Json = nlohmann::json;

// Standard output of a command that must succeed.
std::string OutputOf(const std::string& command, Verdict& verdict) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string output;
  char block[4096];
  while (const size_t got = pipe == nullptr ? 0 : std::fread(block, 1, sizeof block, pipe)) {
    output.append(block, got);
  }
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  verdict.Claim(status == 0, command + ": exit " + std::to_string(status));
  return output;
}

// Of the accesses whose home is known, those by workers of that node. -1: none is known.
double LocalPercent(const Json& run) {
  double all = 0, local = 0;
  const Json& rows = run["node_accesses"];
  for (size_t from = 0; from < rows.size(); ++from) {
    for (size_t home = 0; home < rows[from].size(); ++home) {
      all += rows[from][home].get<double>();
      if (from == home) local += rows[from][home].get<double>();
    }
  }
  return all == 0 ? -1 : 100 * local / all;
}

void CheckKnown(const Json& run, double low, double high, Verdict& verdict) {
  const double local = LocalPercent(run);
  char text[80];
  std::snprintf(text, sizeof text, "%.1f %% of the accesses are local (%g to %g must be)", local,
                low, high);
  verdict.Say(text);
  verdict.Claim(local >= low && local <= high, text);
  verdict.Claim(run["cross_node_accesses"].is_number(), "cross_node_accesses is a number");
  // A worker without a node of its own is neither near nor far.
  for (const Json& worker : run["per_worker"]) {
    if (worker["node"] == -1) return;
  }
  verdict.Claim(run["touches_of_unknown_home"] == 0, "every page's home is known");
}

void CheckUnknown(const Json& run, Verdict& verdict) {
  verdict.Claim(run["cross_node_accesses"].is_null(), "cross_node_accesses is null");
  verdict.Claim(run["cross_node_bytes"].is_null(), "cross_node_bytes is null");
}

}  // namespace

int ProbeRun(const Arguments& arguments) {
  Verdict verdict;
  // "WORDS... known LOW HIGH" or "WORDS... unknown".
  std::string command = "tally run";
  size_t i = 0;
  for (; i < arguments.size() && arguments[i] != "known" && arguments[i] != "unknown"; ++i) {
    command += " " + arguments[i];
  }
  const Json run = Json::parse(OutputOf(command + " --json", verdict), nullptr, false);
  verdict.Claim(run.is_object(), "it prints an object");
  if (!run.is_object() || i == arguments.size()) return verdict.Finish();
  verdict.Say("source: " + run["cross_node_source"].dump());
  if (arguments[i] == "known") {
    CheckKnown(run, std::atof(arguments.at(i + 1).c_str()), std::atof(arguments.at(i + 2).c_str()),
               verdict);
  } else {
    CheckUnknown(run, verdict);
  }
  return verdict.Finish();
}

}  // namespace tally::guest
