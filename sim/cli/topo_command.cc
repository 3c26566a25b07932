// tally topo: the machine as Tally sees it, and what could not be seen.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "numa/render.h"
#include "numa/topology.h"
#include "sim/cli/command.h"
#include "sim/cli/values.h"

namespace tally::cli {
namespace {

// Of the terminal that is looked at, else what $COLUMNS says, else what every terminal has.
int Width() {
  constexpr int kUsual = 80, kLeast = 40, kMost = 1000;
  winsize size{};
  int width = 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  if (width == 0 && (columns == nullptr || !absl::SimpleAtoi(columns, &width))) width = 0;
  return width <= 0 ? kUsual : std::clamp(width, kLeast, kMost);
}

absl::StatusOr<int> Run(const Words& words) {
  const absl::StatusOr<std::shared_ptr<const Topology>> topology =
      TopologyFrom(words, {.include_disallowed = words.Has("--include-disallowed")});
  if (!topology.ok()) return topology.status();
  const std::string text =
      words.Has("--json") ? TopologyJson(**topology) : RenderTopology(**topology, Width());
  std::fputs(text.c_str(), stdout);
  if (!text.empty() && text.back() != '\n') std::puts("");
  return 0;
}

}  // namespace

Command TopoCommand() {
  return {{.command = "topo",
           .summary = "the machine as Tally sees it",
           .argument = "",
           .argument_help = "",
           .flags = {TopologyFlag(),
                     {"--include-disallowed", "",
                      "also CPUs and nodes that this process may not use", ""},
                     JsonFlag()}},
          Run};
}

}  // namespace tally::cli
