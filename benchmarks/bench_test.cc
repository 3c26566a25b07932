// `tally bench` as a program, at sizes that prove nothing about speed: that every contender of
// every problem gives the right answer, that its rows have the promised shape, and that wrong
// words are answered in words.

#include <sys/wait.h>

#include <cstdio>
#include <set>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace {

using ::testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::string out;  // stderr too
};

Outcome Bench(const std::string& arguments) {
  Outcome outcome;
  std::FILE* const pipe = popen(("benchmarks/bench " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char piece[4096];
  while (const size_t count = std::fread(piece, 1, sizeof piece, pipe)) {
    outcome.out.append(piece, count);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

TEST(Bench, EveryContenderAnswersRightAndTheRowsHaveTheirShape) {
  const Outcome run = Bench("--quick --rounds=2 --json");
  ASSERT_EQ(run.code, 0) << run.out;
  std::istringstream lines(run.out);
  std::set<std::string> works, peers;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::ordered_json row = nlohmann::ordered_json::parse(line);
    std::string keys;
    for (const auto& [key, value] : row.items()) keys += key + " ";
    EXPECT_EQ(keys, "work workers unit rounds ours peer theirs ratio_median ratio_min ratio_max ");
    EXPECT_EQ(row["rounds"], 2) << line;
    EXPECT_GE(row["ours"], 0) << line;
    works.insert(row["work"]);
    peers.insert(row["peer"]);
  }
  EXPECT_THAT(works, ::testing::IsSupersetOf({"fib", "skynet", "nqueens", "submit1", "submit4",
                                              "parallel_for_grain1", "parallel_for_auto"}));
  EXPECT_THAT(peers, ::testing::IsSupersetOf({"tbb", "openmp", "serial"}));
}

TEST(Bench, FamiliesAnswerRightToo) {
  const Outcome run = Bench("--families --quick --json");
  ASSERT_EQ(run.code, 0) << run.out;
  for (const char* family : {"creation", "submission, Critical", "data, 16 KB",
                             "submission by 8 threads", "uneven load", "memory, random"}) {
    EXPECT_THAT(run.out, HasSubstr(family));
  }
}

TEST(Bench, ScalingInVirtualTime) {
  const Outcome run = Bench("--scaling --quick");
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("\n| 4 |"));
}

TEST(Bench, OneWorkAndOneWorkerCountOnDemand) {
  const Outcome run = Bench("--quick --filter=fib --workers=2");
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("fib"));
  EXPECT_THAT(run.out, Not(HasSubstr("skynet")));
}

TEST(Bench, WrongWordsAreAnsweredWithWhatToType) {
  const Outcome filter = Bench("--filter=fibb");
  EXPECT_EQ(filter.code, 2);
  EXPECT_THAT(filter.out, HasSubstr("did you mean fib?"));
  EXPECT_EQ(Bench("--rounds=0").code, 2);
  EXPECT_EQ(Bench("--workers=1,x").code, 2);
  EXPECT_EQ(Bench("--no-such-flag").code, 2);
}

}  // namespace
