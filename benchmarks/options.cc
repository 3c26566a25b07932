#include "benchmarks/options.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/catalogue.h"
#include "sim/cli/nearest.h"
#include "sim/cli/syntax.h"

namespace tally::benchmarks {
namespace {

constexpr int kRoundsMax = 1000;
// `tally bench --peers` takes ten minutes at most.
constexpr double kPeersSeconds = 540;

cli::Syntax BenchSyntax() {
  return {.command = "bench",
          .summary = "Measures Tally against other schedulers, side by side on this machine.",
          .argument = "",
          .argument_help = "",
          .flags = {{"--peers", "", "only the rows that Tally promises something about", ""},
                    {"--families", "", "only the six families of smaller measurements", ""},
                    {"--scaling", "", "only weak scaling to 64 workers, in virtual time", ""},
                    {"--filter", "WORK,...", "only these works (--list shows them)", "all"},
                    {"--workers", "N,...", "worker counts", "1,2"},
                    {"--rounds", "N", "how often everybody takes a turn", "5"},
                    {"--json", "", "a JSON object a row, as soon as it is known", ""},
                    {"--quick", "", "tiny sizes: whether all answers are right, no numbers", ""},
                    {"--docs", "DIR", "everything, written to DIR/benchmarks.md and DIR/pictures",
                     "docs, if nothing else is asked for"},
                    {"--list", "", "the works, and who competes in each", ""}},
          .footer = "Less is better in every row. A ratio is ours over theirs in the same round."};
}

bool Has(const Problem& problem, absl::string_view work) {
  const auto is_work = [&](const Figure& figure) {
    return absl::string_view(figure.work.data(), figure.work.size()) == work;
  };
  return std::any_of(problem.figures.begin(), problem.figures.end(), is_work);
}

bool HasPromised(const Problem& problem) {
  return std::any_of(problem.figures.begin(), problem.figures.end(),
                     [](const Figure& figure) { return figure.promised; });
}

std::vector<std::string> Works() {
  std::vector<std::string> works;
  for (const Problem* problem : Catalogue()) {
    for (const Figure& figure : problem->figures) works.emplace_back(figure.work);
  }
  return works;
}

std::string List() {
  std::string text;
  for (const Problem* problem : Catalogue()) {
    std::string works, names;
    for (const Figure& figure : problem->figures) {
      absl::StrAppend(&works, works.empty() ? "" : ",", std::string(figure.work));
    }
    for (const Contender& contender : problem->contenders) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", std::string(contender.name));
    }
    absl::StrAppendFormat(&text, "%-24s %s (%s)\n", works, std::string(problem->help), names);
  }
  return text;
}

absl::Status Choose(const std::string& filter, Options* options) {
  std::vector<const Problem*> chosen;
  for (const absl::string_view work : absl::StrSplit(filter, ',')) {
    const size_t before = chosen.size();
    for (const Problem* problem : options->problems) {
      if (Has(*problem, work) || std::string(problem->name) == work) chosen.push_back(problem);
    }
    if (chosen.size() > before) continue;
    const std::string nearest = cli::Nearest(std::string(work), Works());
    return absl::InvalidArgumentError(
        absl::StrCat("--filter=", filter, ": there is no work '", work, "'",
                     nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)"),
                     ": type tally bench --list for those there are"));
  }
  options->problems = chosen;
  return absl::OkStatus();
}

absl::Status SetNumbers(const cli::Words& words, Options* options) {
  if (words.Has("--peers") && !words.Has("--rounds")) options->seconds = kPeersSeconds;
  const std::string rounds = words.Value("--rounds").value_or(options->quick ? "1" : "5");
  if (!absl::SimpleAtoi(rounds, &options->rounds) || options->rounds < 1 ||
      options->rounds > kRoundsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--rounds=", rounds, " is no number of rounds: use 1 to ", kRoundsMax));
  }
  const std::string workers = words.Value("--workers").value_or("1,2");
  for (const absl::string_view text : absl::StrSplit(workers, ',')) {
    int count = 0;
    if (!absl::SimpleAtoi(text, &count) || count < 1 || count > 64) {
      return absl::InvalidArgumentError(
          absl::StrCat("--workers=", workers, ": use counts from 1 to 64, such as --workers=1,2"));
    }
    options->workers.push_back(count);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(std::vector<std::string> given) {
  const absl::StatusOr<cli::Words> words = cli::TakeApart(BenchSyntax(), std::move(given));
  if (!words.ok()) return words.status();
  Options options;
  options.text = words->Has("--list") ? List() : words->help();
  if (!options.text.empty()) return options;
  options.json = words->Has("--json");
  options.quick = words->Has("--quick");
  options.scaling = words->Has("--scaling");
  options.docs = words->Value("--docs").value_or("");
  if (!options.docs.empty() &&
      (words->Has("--peers") || words->Has("--filter") || words->Has("--families"))) {
    return absl::InvalidArgumentError(
        "--docs shows everything: type it without --peers, --families and --filter");
  }
  options.families = words->Has("--families") || !options.docs.empty();
  options.promised_only = words->Has("--peers");
  for (const Problem* problem : Catalogue()) {
    if (words->Has("--families")) break;
    if (!options.promised_only || HasPromised(*problem)) options.problems.push_back(problem);
  }
  if (words->Has("--families") && words->Has("--filter")) {
    return absl::InvalidArgumentError("--filter chooses works: type it without --families");
  }
  if (const auto filter = words->Value("--filter")) {
    if (absl::Status status = Choose(*filter, &options); !status.ok()) return status;
  }
  if (absl::Status status = SetNumbers(*words, &options); !status.ok()) return status;
  return options;
}

}  // namespace tally::benchmarks
