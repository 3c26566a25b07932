#include "numa/say_once.h"

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace tally {
namespace {

TEST(SayOnce, SaysEachSentenceOnce) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(SayOnce("no binding"));
  EXPECT_FALSE(SayOnce("no binding"));
  EXPECT_TRUE(SayOnce("no memory"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tally: no binding\ntally: no memory\n");
}

TEST(SayOnce, IsQuietOnRequest) {
  setenv("TALLY_QUIET", "1", 1);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(SayOnce("something else"));
  unsetenv("TALLY_QUIET");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(SayOnce, NeverFillsADisk) {
  testing::internal::CaptureStderr();
  int said = 0;
  for (int i = 0; i < 1000; ++i) said += SayOnce("number " + std::to_string(i));
  testing::internal::GetCapturedStderr();
  EXPECT_LE(said, 64);
}

}  // namespace
}  // namespace tally
