// The same simulation, whatever built it. CI runs this with g++ and clang at -O0 and -O2; builds
// that agree with one file agree with each other.

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/determinism/fixed_runs.h"

namespace tally {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(DeterminismTest, FixedRunsComeOutAsTheyAlwaysDid) {
  std::stringstream golden;
  golden << std::ifstream("tests/determinism/goldens.txt").rdbuf();
  const std::vector<std::string> expected = Lines(golden.str());
  const std::vector<std::string> actual = Lines(Goldens());
  ASSERT_EQ(actual.size(), expected.size())
      << "the list of runs has changed; bazel run //tests/determinism:regenerate";
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i], expected[i])
        << "If scheduling or costs were changed on purpose, write the new goldens with\n"
           "  bazel run //tests/determinism:regenerate\n"
           "and look at the difference. If only one compiler or level differs, something that is "
           "not an input leaked in: two world accesses in one expression, an address, a hash "
           "order.";
  }
}

TEST(DeterminismTest, ARunInTheSameProcessIsTheSameAgain) {
  const FixedRun& run = FixedRuns()[3];
  EXPECT_EQ(Outcome(run), Outcome(run));
}

}  // namespace
}  // namespace tally
