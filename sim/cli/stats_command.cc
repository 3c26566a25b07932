// tally stats: a recording in numbers. Reads what there is of a damaged one, and says what is lost.

#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "scheduler/trace/recording.h"
#include "sim/cli/command.h"
#include "sim/cli/summary.h"
#include "sim/cli/values.h"
#include "sim/metrics/metrics.h"
#include "sim/metrics/metrics_report.h"

namespace tally::cli {
namespace {

absl::StatusOr<int> Run(const Words& words) {
  const absl::StatusOr<Recording> recording = ReadRecording(words.argument());
  if (!recording.ok()) return recording.status();
  const Metrics metrics = ComputeMetrics(*recording);
  const std::string text = words.Has("--json")
                               ? absl::StrCat(MetricsJson(*recording, metrics), "\n")
                               : Summary(*recording, metrics);
  std::fputs(text.c_str(), stdout);
  const std::string loss = recording->loss.InWords();
  if (!loss.empty())
    std::fprintf(stderr, "tally: %s: %s\n", words.argument().c_str(), loss.c_str());
  return 0;
}

}  // namespace

Command StatsCommand() {
  return {{.command = "stats",
           .summary = "a recording in numbers",
           .argument = "FILE",
           .argument_help = "a recording, as --record=FILE writes it",
           .flags = {JsonFlag()}},
          Run};
}

}  // namespace tally::cli
