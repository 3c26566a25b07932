// The `tally` program: finds the command, and turns what it returns into an exit code.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "sim/cli/command.h"
#include "sim/cli/nearest.h"
#include "sim/cli/syntax.h"
#include "sim/cli/version.h"

namespace tally::cli {
namespace {

const std::vector<Command>& Commands() {
  static const auto* const commands = new std::vector<Command>{
      TopoCommand(), RunCommand(), SimCommand(), ReplayCommand(), StatsCommand()};
  return *commands;
}

std::string Help() {
  std::string text =
      "Tally: a NUMA-aware work-stealing scheduler that you can watch and replay.\n\n"
      "Usage: tally COMMAND [FLAGS]\n\n";
  for (const Command& command : Commands()) {
    const Syntax& syntax = command.syntax;
    absl::StrAppendFormat(&text, "  %-16s %s\n", syntax.command + " " + syntax.argument,
                          syntax.summary);
  }
  return text + "\ntally COMMAND --help shows its flags; tally --version the version.\n";
}

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDataLoss:
      return 1;
    default:
      return 2;
  }
}

int Fail(const absl::Status& status) {
  const std::string line = absl::StrReplaceAll(status.message(), {{"\n", " "}});
  std::fprintf(stderr, "tally: %s\n", line.c_str());
  return ExitCode(status);
}

absl::Status NoSuchCommand(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const Command& command : Commands()) {
    names.push_back(command.syntax.command);
    absl::StrAppend(&list, list.empty() ? "" : ", ", names.back());
  }
  const std::string nearest = Nearest(name, names);
  return absl::InvalidArgumentError(
      absl::StrCat("there is no command '", name, "'",
                   nearest.empty() ? std::string() : absl::StrCat(" (did you mean ", nearest, "?)"),
                   ": use one of ", list, " or help"));
}

int Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) == 0) return 0;
  return Fail(absl::ResourceExhaustedError("standard output cannot be written"));
}

int Main(std::vector<std::string> words) {
  if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    // `tally help run` is `tally run --help`.
    if (words.size() < 2) return Print(Help());
    words = {words[1], "--help"};
  }
  if (words[0] == "--version") return Print(absl::StrCat("tally ", kVersion, "\n"));
  for (const Command& command : Commands()) {
    if (command.syntax.command != words[0]) continue;
    words.erase(words.begin());
    const absl::StatusOr<Words> parsed = TakeApart(command.syntax, std::move(words));
    if (!parsed.ok()) return Fail(parsed.status());
    if (!parsed->help().empty()) return Print(parsed->help());
    const absl::StatusOr<int> code = command.run(*parsed);
    if (!code.ok()) return Fail(code.status());
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return Fail(absl::ResourceExhaustedError("standard output cannot be written"));
    }
    return *code;
  }
  return Fail(NoSuchCommand(words[0]));
}

}  // namespace
}  // namespace tally::cli

int main(int argc, char** argv) {
  return tally::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
