// The README's promises, kept: its example is the one that a build compiles, and its commands run.
//
// Commands run through the binaries behind ./tally; the front door itself has tests of its own.

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Runfile(const std::string& path) {
  return std::string(getenv("TEST_SRCDIR")) + "/" + getenv("TEST_WORKSPACE") + "/" + path;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "    ./tally run fib   # comment" -> "run fib"; every indented command of the README.
std::vector<std::string> Commands(const std::string& readme) {
  constexpr std::string_view kPrefix = "    ./tally ";
  std::vector<std::string> commands;
  for (const std::string& line : Lines(readme)) {
    if (line.rfind(kPrefix, 0) != 0) continue;
    std::string command = line.substr(kPrefix.size());
    command = command.substr(0, command.find("  "));
    commands.push_back(command.substr(0, command.find('#')));
  }
  return commands;
}

// The binary behind the front door's command, and its arguments.
std::string Behind(const std::string& command) {
  if (command.rfind("demo", 0) == 0) return Runfile("viz/dashboard") + " --" + command;
  if (command.rfind("dash ", 0) == 0) return Runfile("viz/dashboard") + command.substr(4);
  return Runfile("sim/cli/tally") + " " + command;
}

struct Outcome {
  int exit_code;
  std::string out;
};

Outcome RunShell(const std::string& command) {
  // No display: what needs one must do without.
  const std::string line = "cd \"$TEST_TMPDIR\" && env -u DISPLAY -u WAYLAND_DISPLAY " + command;
  FILE* pipe = popen(line.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) out.append(buffer, n);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

TEST(ReadmeTest, ItsExampleIsTheOneThatCompiles) {
  const std::string readme = ReadFile(Runfile("README.md"));
  const size_t begin = readme.find("```cpp\n");
  ASSERT_NE(begin, std::string::npos);
  const size_t end = readme.find("```", begin + 7);
  EXPECT_EQ(readme.substr(begin + 7, end - begin - 7), ReadFile(Runfile("tests/readme/example.cc")))
      << "copy the example from README.md to tests/readme/example.cc, or the other way round";
}

TEST(ReadmeTest, ItsExamplePrintsTheThirtiethFibonacciNumber) {
  const Outcome outcome = RunShell(Runfile("tests/readme/example"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "832040\n");
}

TEST(ReadmeTest, ItsExampleRecordsItselfWhenAsked) {
  ASSERT_EQ(RunShell("TALLY_RECORD=own.tally " + Runfile("tests/readme/example")).exit_code, 0);
  const Outcome replay = RunShell(Runfile("sim/cli/tally") + " replay own.tally");
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
}

TEST(ReadmeTest, ItsCommandsRun) {
  int ran = 0;
  for (const std::string& command : Commands(ReadFile(Runfile("README.md")))) {
    if (command.rfind("test", 0) == 0) continue;  // this is it
    const Outcome outcome = RunShell(Behind(command));
    EXPECT_EQ(outcome.exit_code, 0) << "./tally " << command << "\n" << outcome.out;
    EXPECT_TRUE(!outcome.out.empty() || command.find("--screenshot") != std::string::npos)
        << "./tally " << command << " says nothing";
    ++ran;
  }
  EXPECT_GE(ran, 7) << "the README lost its commands";
}

}  // namespace
