#include "viz/app/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tally::viz {
namespace {

TEST(OptionsTest, WhatPeopleType) {
  const auto file = ParseOptions({"a.tally", "--screenshot=a.png", "--size=1920x1080"});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->file, "a.tally");
  EXPECT_EQ(file->screenshot, "a.png");
  EXPECT_EQ(file->width, 1920);
  EXPECT_EQ(file->height, 1080);
  EXPECT_TRUE(ParseOptions({"--demo"})->demo);
  EXPECT_TRUE(ParseOptions({"--help"})->help);
  EXPECT_TRUE(ParseOptions({"--version", "a.tally"})->version);
}

struct Wrong {
  std::vector<std::string> arguments;
  const char* says;
};

// One sentence each, and it says what to type instead.
TEST(OptionsTest, WhatPeopleMistype) {
  const Wrong kWrong[] = {
      {{}, "type dashboard FILE"},
      {{""}, "type dashboard FILE"},
      {{"--bogus"}, "there is no flag --bogus"},
      {{"a", "b"}, "one recording at a time"},
      {{"--demo", "a"}, "not both"},
      {{"a", "--size"}, "--size=WxH"},
      {{"a", "--size="}, "--size=WxH"},
      {{"a", "--size=big"}, "--size=1280x720"},
      {{"a", "--size=0x0"}, "--size=1280x720"},
      {{"a", "--size=-3x720"}, "--size=1280x720"},
      {{"a", "--size=1280x720x3"}, "--size=1280x720"},
      {{"a", "--size=99999999999x720"}, "--size=1280x720"},
      {{"a", "--screenshot"}, "--screenshot=OUT.png"},
      {{"--demo=yes"}, "takes no value"},
  };
  for (const Wrong& wrong : kWrong) {
    const auto options = ParseOptions(wrong.arguments);
    ASSERT_FALSE(options.ok()) << testing::PrintToString(wrong.arguments);
    const std::string message(options.status().message());
    EXPECT_NE(message.find(wrong.says), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(OptionsTest, EveryFlagIsInTheHelp) {
  for (const char* flag : {"--demo", "--screenshot=OUT.png", "--size=WxH", "--script=FILE",
                           "--dump-state", "--help", "--version"}) {
    EXPECT_NE(HelpText().find(flag), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace tally::viz
