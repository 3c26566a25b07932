#include "numa/rehearsal.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace tally {
namespace {

TEST(Rehearsal, AnswersWhatTheActAnswers) {
  EXPECT_TRUE(Rehearse([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(Rehearse([] { return absl::NotFoundError("no such thing"); }),
            absl::NotFoundError("no such thing"));
}

TEST(Rehearsal, OnlyTheChildDies) {
  const auto crash = []() -> absl::Status { std::abort(); };
  EXPECT_TRUE(absl::IsAborted(Rehearse(crash)));
}

TEST(Rehearsal, ChangesNothingInTheParent) {
  int touched = 0;
  EXPECT_TRUE(Rehearse([&] {
                ++touched;
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(touched, 0);
}

TEST(Rehearsal, IsSilent) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(Rehearse([] {
                std::fprintf(stderr, "hwloc complains\n");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Rehearsal, WorksInAProgramThatNeverWaitsForChildren) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(Rehearse([] { return absl::NotFoundError("x"); }).code(), absl::StatusCode::kNotFound);
  std::signal(SIGCHLD, before);
}

TEST(Rehearsal, AChildThatEatsMemoryIsStopped) {
  const auto eat = []() -> absl::Status {
    std::vector<std::string> eaten;
    for (int i = 0; i < 64; ++i) eaten.emplace_back(64 << 20, 'x');
    return absl::NotFoundError(eaten.back());
  };
  EXPECT_TRUE(absl::IsAborted(Rehearse(eat)));
}

}  // namespace
}  // namespace tally
