#include "viz/app/script.h"

#include <gtest/gtest.h>

namespace tally::viz {
namespace {

// Steps until the script is done or complains.
absl::Status Play(const char* text, const Shown& shown, InputQueue* input) {
  absl::StatusOr<Script> script = Script::Parse(text);
  if (!script.ok()) return script.status();
  ImGuiIO io;
  for (int i = 0; i < 100 && !script->done(); ++i) {
    if (absl::Status step = script->Step(shown, input); !step.ok()) return step;
    if (!input->empty()) input->Feed(&io);
  }
  return script->done() ? absl::OkStatus() : absl::DeadlineExceededError("never done");
}

TEST(ScriptTest, ExpectationsCompareWhatIsShown) {
  Shown shown;
  shown.Put("topbar/tasks", {0, 0, 10, 10}, uint64_t{12});
  shown.Put("transport/decision", {0, 0, 10, 10}, std::string("worker 1 woke up"));
  InputQueue input;
  EXPECT_TRUE(
      Play("# a comment\nexpect topbar/tasks 12\nexpect transport/decision worker 1 woke up\n"
           "expect-not topbar/tasks 13\nabsent help\nwait 3\nclick topbar/tasks\nquit",
           shown, &input)
          .ok());
  const absl::Status wrong = Play("\nexpect topbar/tasks 13", shown, &input);
  EXPECT_EQ(wrong.message(), "line 2: expect topbar/tasks 13, but it shows 12");
  EXPECT_FALSE(Play("absent topbar/tasks", shown, &input).ok());
  EXPECT_FALSE(Play("click nothing", shown, &input).ok());
}

TEST(ScriptTest, MistakesHaveALineNumber) {
  EXPECT_EQ(Script::Parse("wait 1\nfly away").status().message(),
            "line 2 of the script: there is no command fly");
  EXPECT_EQ(Script::Parse("expect a").status().message(),
            "line 1 of the script: expect needs 2 arguments");
}

}  // namespace
}  // namespace tally::viz
