// `tally bench`: Tally and its peers, in turn, on this machine.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/harness/report.h"
#include "benchmarks/harness/rounds.h"
#include "benchmarks/options.h"
#include "sim/cli/progress.h"

namespace tally::benchmarks {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "tally: %s\n", std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);  // a row is worth having as soon as it is known
}

int Main(std::vector<std::string> words) {
  const absl::StatusOr<Options> options = ParseOptions(std::move(words));
  if (!options.ok()) return Fail(options.status());
  if (!options->text.empty()) return Print(options->text), 0;
  if (!options->json) Print(TableHeader());
  bool failed = false;
  for (size_t i = 0; i < options->problems.size(); ++i) {
    const Problem& problem = *options->problems[i];
    for (const int workers : options->workers) {
      cli::ProgressLine progress;
      const auto show = [&](int round, const Contender& contender) {
        progress.Show([&] {
          return absl::StrCat(std::string(problem.name), " (", i + 1, " of ",
                              options->problems.size(), "), ", workers, " worker(s): round ",
                              round + 1, " of ", options->rounds, ", ",
                              std::string(contender.name));
        });
      };
      const Outcome outcome =
          RunRounds(problem, {.workers = workers, .quick = options->quick}, options->rounds, show);
      for (const Comparison& row : outcome.comparisons) {
        if (options->promised_only && !row.promised) continue;
        Print(options->json ? JsonRow(row) + "\n" : TableRow(row));
      }
      for (const Failure& failure : outcome.failures) {
        failed = true;
        std::fprintf(stderr, "tally: %s by %s with %d worker(s): %s\n", failure.problem.c_str(),
                     failure.contender.c_str(), failure.workers, failure.why.c_str());
      }
    }
  }
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace tally::benchmarks

int main(int argc, char** argv) {
  // libgomp reads it once, before main(), and ignores priorities without it.
  if (getenv("OMP_MAX_TASK_PRIORITY") == nullptr) {
    setenv("OMP_MAX_TASK_PRIORITY", "1", 1);
    execv("/proc/self/exe", argv);  // if not, OpenMP's tasks just have no priorities
  }
  return tally::benchmarks::Main(std::vector<std::string>(argv + 1, argv + argc));
}
