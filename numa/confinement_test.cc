#include "numa/confinement.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace tally {
namespace {

using Result = absl::StatusOr<std::string>;

TEST(Confinement, AnswersWhatTheActAnswers) {
  const std::string large(1 << 20, 'x');  // more than a pipe holds
  const absl::StatusOr<Confined> answer = RunConfined([&]() -> Result { return large; });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->result, large);
  EXPECT_FALSE(answer->complained);
  EXPECT_EQ(RunConfined([]() -> Result { return absl::NotFoundError("no such thing"); }).status(),
            absl::NotFoundError("no such thing"));
}

TEST(Confinement, OnlyTheChildDies) {
  EXPECT_TRUE(absl::IsAborted(RunConfined([]() -> Result { std::abort(); }).status()));
}

// A program that forks elsewhere at the same moment leaves the pipe open in that process.
TEST(Confinement, TheAnswerEndsWhereItSaysNotWhereThePipeDoes) {
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<Confined> answer = RunConfined([]() -> Result {
    if (fork() == 0) {
      sleep(5);
      _exit(0);
    }
    return "x";
  });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->result, "x");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(Confinement, NothingChangesInTheParent) {
  int touched = 0;
  EXPECT_TRUE(RunConfined([&]() -> Result {
                ++touched;
                return "";
              }).ok());
  EXPECT_EQ(touched, 0);
}

TEST(Confinement, ComplaintsAreReportedButNotShown) {
  testing::internal::CaptureStderr();
  const absl::StatusOr<Confined> answer = RunConfined([]() -> Result {
    std::fprintf(stderr, "hwloc complains\n");
    return "";
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->complained);
}

TEST(Confinement, WorksInAProgramThatNeverWaitsForChildren) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  EXPECT_TRUE(RunConfined([]() -> Result { return "x"; }).ok());
  std::signal(SIGCHLD, before);
}

TEST(Confinement, AChildThatEatsMemoryIsStopped) {
  const auto eat = []() -> Result {
    std::vector<std::string> eaten;
    for (int i = 0; i < 64; ++i) eaten.emplace_back(64 << 20, 'x');
    return eaten.back();
  };
  EXPECT_TRUE(absl::IsAborted(RunConfined(eat).status()));
}

}  // namespace
}  // namespace tally
