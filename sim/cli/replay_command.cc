// tally replay: steps through a recording, checks it, and prints its fingerprint.

#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/recording.h"
#include "sim/cli/command.h"
#include "sim/cli/summary.h"
#include "sim/cli/values.h"
#include "sim/replay/replay.h"

namespace tally::cli {
namespace {

std::string Json(const std::string& path, const Recording& recording, const ReplayReport& report) {
  const nlohmann::ordered_json json = {
      {"file", path},
      {"workload", recording.header.workload},
      {"workers", recording.header.regular_workers()},
      {"spares", recording.header.spares},
      {"fingerprint", FingerprintText(report.fingerprint)},
      {"tasks", report.tasks},
      {"events", report.events},
      {"decisions", report.decisions},
      {"violations", report.violation_count},
      {"violations_in_words", report.violations},
      {"truncated", recording.loss.any()},
      {"loss", recording.loss.InWords()},
  };
  return absl::StrCat(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "\n");
}

std::string Text(const ReplayReport& report) {
  return absl::StrCat("  fingerprint  ", FingerprintText(report.fingerprint), "\n",
                      "  tasks        ", WithCommas(report.tasks), "\n", "  events       ",
                      WithCommas(report.events), ", ", WithCommas(report.decisions),
                      " of them decisions\n", "  violations   ", WithCommas(report.violation_count),
                      "\n");
}

absl::StatusOr<int> Run(const Words& words) {
  const absl::StatusOr<Recording> recording = ReadRecording(words.argument());
  if (!recording.ok()) return recording.status();
  const ReplayReport report = Replay(*recording);
  const std::string text =
      words.Has("--json") ? Json(words.argument(), *recording, report) : Text(report);
  std::fputs(text.c_str(), stdout);
  for (const std::string& violation : report.violations) {
    std::fprintf(stderr, "tally: %s\n", violation.c_str());
  }
  if (report.violation_count > report.violations.size()) {
    std::fprintf(stderr, "tally: and %s more violations\n",
                 WithCommas(report.violation_count - report.violations.size()).c_str());
  }
  return report.ok() ? 0 : 1;
}

}  // namespace

Command ReplayCommand() {
  return {{.command = "replay",
           .summary = "replays a recording exactly and checks it",
           .argument = "FILE",
           .argument_help = "a recording, as --record=FILE writes it",
           .flags = {JsonFlag()}},
          Run};
}

}  // namespace tally::cli
