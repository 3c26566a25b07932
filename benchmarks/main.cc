// `tally bench`: Tally and its peers, in turn, on this machine.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/docs/machine.h"
#include "benchmarks/options.h"
#include "benchmarks/run.h"

namespace tally::benchmarks {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "tally: %s\n", std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

int Main(std::vector<std::string> words) {
  const absl::StatusOr<Options> options = ParseOptions(std::move(words));
  if (!options.ok()) return Fail(options.status());
  if (!options->text.empty()) {
    std::fputs(options->text.c_str(), stdout);
    return 0;
  }
  if (options->scaling) {
    const absl::Status printed = RunScaling(*options);
    return printed.ok() ? 0 : Fail(printed);
  }
  const OthersShare others;
  Results results{.machine = DescribeMachine()};
  bool fine = RunProblems(*options, &results.works);
  if (options->families) fine = RunTheFamilies(*options, &results.families) && fine;
  results.others_share = others.SoFar();
  if (!options->docs.empty()) {
    const absl::Status written = RunForDocs(*options, std::move(results));
    if (!written.ok()) return Fail(written);
  }
  return fine ? 0 : 1;
}

}  // namespace
}  // namespace tally::benchmarks

int main(int argc, char** argv) {
  // libgomp reads it once, before main(), and ignores priorities without it.
  if (getenv("OMP_MAX_TASK_PRIORITY") == nullptr) {
    setenv("OMP_MAX_TASK_PRIORITY", "3", 1);
    execv("/proc/self/exe", argv);  // if not, OpenMP's tasks just have no priorities
  }
  return tally::benchmarks::Main(std::vector<std::string>(argv + 1, argv + argc));
}
