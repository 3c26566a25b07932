#include "benchmarks/harness/isolated.h"

#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Message(const Measured& measured) { return std::string(measured.status().message()); }

TEST(Isolated, ValuesComeBack) {
  const Measured measured = MeasureIsolated([] { return std::vector<double>{1.5, -2}; }, 2);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(*measured, ElementsAre(1.5, -2));
}

TEST(Isolated, TheChildChangesNothingHere) {
  static int changed = 0;
  ASSERT_TRUE(MeasureIsolated(
                  [] {
                    changed = 1;
                    return std::vector<double>{0};
                  },
                  1)
                  .ok());
  EXPECT_EQ(changed, 0);
}

TEST(Isolated, AWrongAnswerComesBackWithItsReason) {
  const Measured measured =
      MeasureIsolated([]() -> Measured { return absl::InternalError("the answer is wrong"); }, 1);
  EXPECT_EQ(measured.status(), absl::InternalError("the answer is wrong"));
}

TEST(Isolated, AMissingValueIsNoAnswer) {
  const Measured measured = MeasureIsolated([] { return std::vector<double>{1}; }, 2);
  EXPECT_THAT(Message(measured), HasSubstr("1 values where 2"));
}

TEST(Isolated, APeerThatDiesIsReported) {
  const Measured measured = MeasureIsolated(
      []() -> Measured {
        raise(SIGKILL);
        return absl::OkStatus();
      },
      1);
  EXPECT_THAT(Message(measured), HasSubstr("Killed"));
}

TEST(Isolated, AnExceptionIsReported) {
  const Measured measured =
      MeasureIsolated([]() -> Measured { throw std::runtime_error("no threads"); }, 1);
  EXPECT_THAT(Message(measured), HasSubstr("no threads"));
}

TEST(Isolated, APeerThatHangsIsKilled) {
  const Measured measured = MeasureIsolated(
      []() -> Measured {
        while (true) pause();
      },
      1, 0.1);
  EXPECT_EQ(measured.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace tally::benchmarks
