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

// Of the pages that were used, those on their user's node, by the kernel's own page query; -1 if
// nobody knows of any.
double LocalPercent(const Json& run) {
  if (!run["pages_local"].is_number()) return -1;
  const double local = run["pages_local"], remote = run["pages_remote"];
  return local + remote == 0 ? -1 : 100 * local / (local + remote);
}

void CheckLocality(const Json& run, double low, double high, Verdict& verdict) {
  const double local = LocalPercent(run);
  char text[80];
  std::snprintf(text, sizeof text, "%.1f %% of the pages are local (%g to %g must be)", local, low,
                high);
  verdict.Say(text);
  verdict.Claim(local >= low && local <= high, text);
  verdict.Claim(run["pages_source"] == "move_pages", "the kernel was asked");
  verdict.Claim(run["pages_unknown"] == 0, "every page's home is known");
}

uint64_t Sum(const Json& rows, const char* key) {
  uint64_t sum = 0;
  for (const Json& row : rows) sum += row[key].get<uint64_t>();
  return sum;
}

// The same accesses, told by worker, by task type and by pair of nodes.
void CheckSums(const Json& cross, Verdict& verdict) {
  const uint64_t accesses = cross["accesses"], local = cross["local_accesses"];
  for (const char* table : {"per_worker", "per_task_type"}) {
    verdict.Claim(Sum(cross[table], "cross_node_accesses") == accesses,
                  std::string(table) + ": sum");
    verdict.Claim(Sum(cross[table], "local_accesses") == local, std::string(table) + ": local");
  }
  uint64_t between = 0;
  for (const Json& pair : cross["per_node_pair"]) {
    if (pair["worker_node"] != pair["memory_node"]) between += pair["accesses"].get<uint64_t>();
  }
  verdict.Claim(between == accesses, "per_node_pair: sum");
}

void CheckRung(const Json& run, const std::string& rung, Verdict& verdict) {
  const Json& cross = run["cross_node"];
  verdict.Say("source: " + run["cross_node_source"].dump());
  verdict.Claim(cross["rung"] == rung, "the rung is " + cross["rung"].dump());
  verdict.Claim(run["cross_node_accesses"].is_null() == (rung == "unknown"),
                "what is unknown is null, and nothing else");
  verdict.Claim(!cross["why_not_hardware"].is_null(),
                "this guest has no counters, and that is said");
  if (rung == "declared") CheckSums(cross, verdict);
}

}  // namespace

int ProbeRun(const Arguments& arguments) {
  Verdict verdict;
  std::string command = "tally run";
  size_t i = 0;
  for (; i < arguments.size() && arguments[i] != "rung"; ++i) command += " " + arguments[i];
  const Json run = Json::parse(OutputOf(command + " --json", verdict), nullptr, false);
  verdict.Claim(run.is_object(), "it prints an object");
  if (!run.is_object()) return verdict.Finish();
  CheckRung(run, arguments.at(i + 1), verdict);
  if (i + 3 < arguments.size()) {
    CheckLocality(run, std::atof(arguments[i + 2].c_str()), std::atof(arguments[i + 3].c_str()),
                  verdict);
  }
  return verdict.Finish();
}

}  // namespace tally::guest
