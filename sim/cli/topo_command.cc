// tally topo: the machine as Tally sees it, and what could not be seen.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "numa/render.h"
#include "numa/topology.h"
#include "sim/cli/command.h"
#include "sim/cli/values.h"

namespace tally::cli {
namespace {

// Of the terminal that is looked at; elsewhere what fits most of them.
int Width() {
  winsize size{};
  constexpr int kUsual = 100, kLeast = 40;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return std::max<int>(kLeast, size.ws_col);
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
