// Pictures without a display: what they show, that they repeat, and what is said when they cannot
// be made.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"
#include "sim/metrics/metrics_report.h"
#include "tests/gui/command.h"
#include "tests/gui/picture.h"
#include "tests/gui/recorded_run.h"

namespace tally {
namespace {

constexpr const char* kDashboard = "viz/dashboard";

Outcome Dashboard(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kDashboard);
  return RunCommand(arguments, {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}});
}

// One line that ends, and nothing else.
bool IsOneSentence(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

class ScreenshotTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { recording_ = new std::string(RecordRun("nqueens", 8, 2)); }
  static const std::string& recording() { return *recording_; }
  static std::string* recording_;
};
std::string* ScreenshotTest::recording_ = nullptr;

TEST_F(ScreenshotTest, ShowsTheRecordingsNumbers) {
  const std::string png = Scratch("numbers.png");
  const Outcome outcome = Dashboard({recording(), "--screenshot=" + png, "--dump-state"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const nlohmann::json shown = nlohmann::json::parse(outcome.out);
  const Metrics metrics = ComputeMetrics(*ReadRecording(recording()));
  EXPECT_EQ(shown["topbar/tasks"], metrics.tasks);
  EXPECT_EQ(shown["topbar/steals"], metrics.steals);
  EXPECT_EQ(shown["topbar/parks"], metrics.parks);
  EXPECT_EQ(shown["topbar/makespan_ns"], metrics.makespan_ns);
  EXPECT_TRUE(shown["topbar/cross_node_accesses"].is_null()) << "nqueens declares no memory";
  EXPECT_EQ(shown["topbar/busy"], metrics.busy_share());
  EXPECT_EQ(shown["topbar/workload"], "nqueens 8");
  for (size_t w = 0; w < metrics.workers.size(); ++w) {
    const std::string row = "workers/" + std::to_string(w);
    EXPECT_EQ(shown[row + "/executed"], metrics.workers[w].executed);
    EXPECT_EQ(shown[row + "/stolen"], metrics.workers[w].steals);
  }
}

// Its header has a spare for each worker; some have served.
TEST_F(ScreenshotTest, SparesAreShownAsWhatTheyAre) {
  const std::string path = RecordBlockingRun(2);
  const Recording recording = *ReadRecording(path);
  ASSERT_GE(recording.header.spares, 1u);
  const Outcome outcome =
      Dashboard({path, "--screenshot=" + Scratch("spares.png"), "--dump-state"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const nlohmann::json shown = nlohmann::json::parse(outcome.out);
  const Metrics metrics = ComputeMetrics(recording);
  const std::string source = shown["topbar/source"];
  EXPECT_EQ(source.rfind(WorkersText(recording) + " on ", 0), 0u) << source;
  EXPECT_EQ(shown["topbar/tasks"], 3);
  EXPECT_EQ(shown["topbar/busy"], metrics.busy_share());
  EXPECT_EQ(shown["timeline/workers"], 2);
  for (size_t w = 0; w < metrics.workers.size(); ++w) {
    const std::string row = "workers/" + std::to_string(w) + "/executed";
    EXPECT_EQ(shown.contains(row), w < 2 || !recording.lanes[w].empty()) << row;
    if (shown.contains(row)) {
      EXPECT_EQ(shown[row], metrics.workers[w].executed);
    }
  }
}

TEST_F(ScreenshotTest, IsAPictureOfTheSizeAskedForWithSomethingInEveryPanel) {
  const std::string png = Scratch("size.png");
  ASSERT_EQ(Dashboard({recording(), "--screenshot=" + png, "--size=1600x900"}).exit_code, 0);
  const Picture picture = ReadPng(png);
  ASSERT_EQ(picture.width, 1600);
  ASSERT_EQ(picture.height, 900);
  const uint32_t own_work = 0x73 << 16 | 0x9e << 8 | 0x00;  // Okabe and Ito's bluish green
  EXPECT_TRUE(picture.Colours(0.05, 0.11, 0.95, 0.15).count(own_work)) << "overview";
  EXPECT_TRUE(picture.Colours(0.08, 0.22, 0.60, 0.60).count(own_work)) << "timeline";
  EXPECT_GT(picture.Colours(0.06, 0.70, 0.60, 0.95).size(), 8u) << "queue depth";
  EXPECT_GT(picture.Colours(0.64, 0.20, 0.80, 0.50).size(), 4u) << "steals";
  EXPECT_GT(picture.Colours(0.64, 0.55, 0.98, 0.95).size(), 8u) << "workers";
}

TEST_F(ScreenshotTest, IsTheSameEveryTime) {
  const std::string first = Scratch("first.png");
  const std::string second = Scratch("second.png");
  ASSERT_EQ(Dashboard({recording(), "--screenshot=" + first}).exit_code, 0);
  ASSERT_EQ(Dashboard({recording(), "--screenshot=" + second}).exit_code, 0);
  EXPECT_EQ(ReadPng(first).pixels, ReadPng(second).pixels);
}

TEST_F(ScreenshotTest, ATruncatedRecordingIsShownAndItsLossIsSaid) {
  const std::string png = Scratch("cut.png");
  const Outcome outcome =
      Dashboard({Truncated(recording(), 0.6), "--screenshot=" + png, "--dump-state"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(IsOneSentence(outcome.err)) << outcome.err;
  const nlohmann::json shown = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(shown["topbar/lost"], "INCOMPLETE");
  EXPECT_EQ(ReadPng(png).width, 1280);
}

TEST_F(ScreenshotTest, MistakesGetOneSentenceAndExitCode2) {
  std::ofstream(Scratch("text.tally")) << "this is not a recording\n";
  std::ofstream(Scratch("empty.tally"));
  const std::string out = "--screenshot=" + Scratch("never.png");
  const std::vector<std::vector<std::string>> mistakes = {
      {},
      {"--no-such-flag"},
      {Scratch("missing.tally"), out},
      {Scratch("text.tally"), out},
      {Scratch("empty.tally"), out},
      {recording(), out, "--size=0x0"},
      {recording(), out, "--size=x"},
      {recording(), "--screenshot=/no/such/directory/a.png"},
  };
  for (const auto& arguments : mistakes) {
    const Outcome outcome = Dashboard(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(arguments);
    EXPECT_TRUE(IsOneSentence(outcome.err)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(ScreenshotTest, TheDemoNeedsNoDisplay) {
  const std::string png = Scratch("demo.png");
  const Outcome outcome = Dashboard({"--demo", "--screenshot=" + png});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("tasks in"), std::string::npos) << outcome.out;
  EXPECT_EQ(ReadPng(png).width, 1280);
}

TEST_F(ScreenshotTest, AScriptLooksAtARecordingWithoutADisplay) {
  const std::string script = Scratch("steps.txt");
  const std::string png = Scratch("steps.png");
  std::ofstream(script) << "key HOME\nexpect topbar/tasks 0\nkey RIGHT\n"
                           "expect-not transport/decision (not on the screen)\nscreenshot "
                        << png << "\n";
  const Outcome outcome =
      Dashboard({recording(), "--script=" + script, "--screenshot=" + Scratch("end.png")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(ReadPng(png).width, 1280);

  std::ofstream(script) << "expect topbar/tasks 1\n";
  const Outcome wrong =
      Dashboard({recording(), "--script=" + script, "--screenshot=" + Scratch("end.png")});
  EXPECT_EQ(wrong.exit_code, 1) << "an expectation that does not hold fails";
  EXPECT_TRUE(IsOneSentence(wrong.err)) << wrong.err;
}

}  // namespace
}  // namespace tally
