#include "benchmarks/run.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/docs/page.h"
#include "benchmarks/families/families.h"
#include "benchmarks/harness/report.h"
#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/scaling/scaling.h"
#include "sim/cli/progress.h"

namespace tally::benchmarks {
namespace {

constexpr int kScalingWorkersMax = 64;

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);  // a row is worth having as soon as it is known
}

Outcome RunProblem(const Options& options, size_t index, int workers, double seconds) {
  const Problem& problem = *options.problems[index];
  cli::ProgressLine progress;
  const auto show = [&](int round, const Contender& contender) {
    progress.Show([&] {
      return absl::StrCat(std::string(problem.name), " (", index + 1, " of ",
                          options.problems.size(), "), ", workers, " worker(s): round ", round + 1,
                          " of ", options.rounds, ", ", std::string(contender.name));
    });
  };
  return RunRounds(problem, {.workers = workers, .quick = options.quick},
                   {.most = options.rounds, .seconds = seconds}, show);
}

bool Show(const Options& options, const Outcome& outcome, std::vector<Comparison>* rows) {
  for (const Comparison& row : outcome.comparisons) {
    if (options.promised_only && !row.promised) continue;
    Print(options.json ? JsonRow(row) + "\n" : TableRow(row));
    rows->push_back(row);
  }
  for (const Failure& failure : outcome.failures) {
    std::fprintf(stderr, "tally: %s by %s with %d worker(s): %s\n", failure.problem.c_str(),
                 failure.contender.c_str(), failure.workers, failure.why.c_str());
  }
  return outcome.failures.empty();
}

}  // namespace

bool RunProblems(const Options& options, std::vector<Comparison>* rows) {
  bool fine = true;
  if (!options.json) Print(TableHeader());
  const int64_t start = NowNanos();
  size_t left = options.problems.size() * options.workers.size();
  for (size_t index = 0; index < options.problems.size(); ++index) {
    for (const int workers : options.workers) {
      // An equal share of the time that is left; what one does not need is the others'.
      const double spent_s = static_cast<double>(NowNanos() - start) / 1e9;
      const double share_s = (options.seconds - spent_s) / static_cast<double>(left--);
      fine = Show(options, RunProblem(options, index, workers, share_s), rows) && fine;
    }
  }
  return fine;
}

bool RunTheFamilies(const Options& options, std::vector<Comparison>* rows) {
  cli::ProgressLine progress;
  const Outcome outcome = RunFamilies(options.rounds, options.quick, [&](int done, int all) {
    progress.Show([&] { return absl::StrCat("families: ", done, " of ", all); });
  });
  return Show(options, outcome, rows);
}

absl::Status RunScaling(const Options& options) {
  const absl::StatusOr<std::vector<ScalingRow>> rows =
      MeasureScaling(options.quick ? 4 : kScalingWorkersMax);
  if (!rows.ok()) return rows.status();
  Print(ScalingTable(*rows));
  return absl::OkStatus();
}

absl::Status RunForDocs(const Options& options, Results results) {
  absl::StatusOr<std::vector<ScalingRow>> scaling =
      MeasureScaling(options.quick ? 4 : kScalingWorkersMax);
  if (!scaling.ok()) return scaling.status();
  results.scaling = *std::move(scaling);
  const absl::Status written = WriteDocs(options.docs, results);
  if (written.ok()) Print(absl::StrCat("written: ", options.docs, "/benchmarks.md\n"));
  return written;
}

}  // namespace tally::benchmarks
