// `tally topo` in terminals of several widths, and in none.

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "numa/text_boxes.h"

namespace tally::cli {
namespace {

constexpr char kTopo[] = "sim/cli/tally topo --topology=";
// Many boxes, long titles, long sentences, a wide table of distances.
constexpr const char* kMachines[] = {
    "live", "'package:2 [numa(memory=1GB)] [numa(memory=96GB)] l3:8 l2:4 core:1 pu:2'",
    "'numa:24 core:2 pu:1'", "'package:1 numa:2(memory=1TB) core:96 pu:8'"};

std::string ReadAll(int file) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(file, buffer, sizeof buffer);
    if (got <= 0) return text;  // EIO at a terminal's end
    text.append(buffer, static_cast<size_t>(got));
  }
}

// Standard output of a shell's command, in a terminal of so many columns; 0: one that does not
// know.
std::string InTerminal(const std::string& command, int columns) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(columns);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  EXPECT_GT(child, 0);
  const std::string text = ReadAll(terminal);
  int status = -1;
  waitpid(child, &status, 0);
  close(terminal);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << text;
  return text;
}

std::string InPipe(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  const std::string text = ReadAll(fileno(pipe));
  EXPECT_EQ(pclose(pipe), 0) << text;
  return text;
}

int Widest(const std::string& text) {
  int widest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    widest = std::max(widest, TextWidth(std::string(absl::StripTrailingAsciiWhitespace(line))));
  }
  return widest;
}

TEST(TopoWidth, NoLineIsWiderThanItsTerminal) {
  for (const char* machine : kMachines) {
    for (const int columns : {50, 80, 132}) {
      const std::string text = InTerminal(absl::StrCat(kTopo, machine), columns);
      EXPECT_LE(Widest(text), columns) << machine << "\n" << text;
      EXPECT_GT(Widest(text), columns / 2) << machine << "\n" << text;
    }
  }
}

TEST(TopoWidth, ATerminalKnowsBetterThanTheEnvironment) {
  const std::string text = InTerminal(absl::StrCat("COLUMNS=120 ", kTopo, kMachines[1]), 60);
  EXPECT_LE(Widest(text), 60) << text;
}

TEST(TopoWidth, ElsewhereTheEnvironmentDecides) {
  const std::string topo = absl::StrCat(kTopo, kMachines[1]);
  const struct {
    const char* environment;
    int widest;
  } kRows[] = {{"unset COLUMNS; ", 80},   {"COLUMNS=50 ", 50}, {"COLUMNS=120 ", 120},
               {"COLUMNS=nonsense ", 80}, {"COLUMNS= ", 80},   {"COLUMNS=0 ", 80},
               {"COLUMNS=-5 ", 80},       {"COLUMNS=1 ", 40}};
  for (const auto& row : kRows) {
    const std::string text = InPipe(row.environment + topo);
    EXPECT_LE(Widest(text), row.widest) << row.environment << text;
    EXPECT_GT(Widest(text), row.widest - 20) << row.environment << text;
  }
  EXPECT_LE(Widest(InTerminal("COLUMNS=50 " + topo, 0)), 50);
}

}  // namespace
}  // namespace tally::cli
