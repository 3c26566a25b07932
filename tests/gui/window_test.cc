// The dashboard in a real window, on an X server of the test's own: what it shows are the
// recording's numbers, before and after being played with.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"
#include "tests/gui/command.h"
#include "tests/gui/picture.h"
#include "tests/gui/recorded_run.h"
#include "tests/gui/x_server.h"

namespace tally {
namespace {

class WindowTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(server_.display(), ""); }

  Outcome Dashboard(std::vector<std::string> arguments, const std::string& script) {
    const std::string path = Scratch("window.script");
    std::ofstream(path) << script;
    arguments.insert(arguments.begin(), "viz/dashboard");
    arguments.push_back("--script=" + path);
    return RunCommand(
        arguments,
        {{"DISPLAY", server_.display()}, {"WAYLAND_DISPLAY", ""}, {"LIBGL_ALWAYS_SOFTWARE", "1"}});
  }

  XServer server_;
};

TEST_F(WindowTest, ShowsTheRecordingsNumbers) {
  const std::string recording = RecordRun("uneven", 200, 2);
  const Metrics metrics = ComputeMetrics(*ReadRecording(recording));
  const std::string png = Scratch("window.png");
  std::string script = "wait 5\n";
  const auto expect = [&](const std::string& path, uint64_t value) {
    script += "expect " + path + " " + std::to_string(value) + "\n";
  };
  const auto expect_all = [&] {
    expect("topbar/tasks", metrics.tasks);
    expect("topbar/steals", metrics.steals);
    expect("topbar/parks", metrics.parks);
    expect("topbar/makespan_ns", metrics.makespan_ns);
    expect("steals/total", metrics.steals);
    for (size_t w = 0; w < metrics.workers.size(); ++w) {
      const std::string row = "workers/" + std::to_string(w);
      expect(row + "/executed", metrics.workers[w].executed);
      expect(row + "/stolen", metrics.workers[w].steals);
      expect(row + "/parks", metrics.workers[w].parks);
    }
    for (const Metrics::StealCell& cell : metrics.steal_matrix) {
      expect("steals/" + std::to_string(cell.thief) + "/" + std::to_string(cell.victim),
             cell.steals);
    }
  };
  expect_all();
  // Back to the start, where nothing has happened; then step, play, select, zoom: and at the end
  // everything is as before.
  script +=
      "key HOME\nexpect topbar/tasks 0\nexpect topbar/steals 0\n"
      "key RIGHT\nexpect-not transport/decision (not on the screen)\n"
      "key SPACE\nexpect transport/play true\nwait 10\nkey SPACE\nexpect transport/play false\n"
      "wheel timeline 3\nkey D\nkey F\n"
      "drag overview 0.1 0.4\nexpect topbar/range selection\nkey ESC\n"
      "key F1\nexpect help true\nkey F1\nabsent help\n"
      "key END\nabsent topbar/range\n";
  expect_all();
  script += "screenshot " + png + "\nquit\n";
  const Outcome outcome = Dashboard({recording, "--dump-state"}, script);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err << "\n" << script;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["topbar/tasks"], metrics.tasks);

  // The window and the picture without one are drawn by the same code.
  const std::string headless = Scratch("headless.png");
  const Outcome shot =
      RunCommand({"viz/dashboard", recording, "--screenshot=" + headless},
                 {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}, {"LIBGL_ALWAYS_SOFTWARE", "1"}});
  ASSERT_EQ(shot.exit_code, 0) << shot.err;
  const Picture in_window = ReadPng(png);
  const Picture without = ReadPng(headless);
  ASSERT_EQ(in_window.width, without.width);
  ASSERT_EQ(in_window.height, without.height);
}

TEST_F(WindowTest, TheDemoIsLiveAndCanBeFrozenAndFollowed) {
  const Outcome outcome = Dashboard({"--demo", "--dump-state"},
                                    "wait 40\nexpect topbar/mode LIVE\nexpect-not topbar/tasks 0\n"
                                    "expect transport/play true\nkey SPACE\n"
                                    "expect transport/play false\nkey END\n"
                                    "expect transport/play true\nwait 10\nquit\n");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_GT(nlohmann::json::parse(outcome.out)["topbar/tasks"].get<uint64_t>(), 0u);
}

TEST_F(WindowTest, AWrongExpectationFails) {
  const std::string recording = RecordRun("fib", 12, 1);
  const Outcome outcome = Dashboard({recording}, "wait 3\nexpect topbar/tasks 0\nquit\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("expect topbar/tasks 0, but it shows"), std::string::npos)
      << outcome.err;
}

TEST(NoDisplayTest, ARecordingWithoutADisplaySaysWhatToType) {
  const std::string recording = RecordRun("fib", 10, 1);
  const Outcome outcome = RunCommand({"viz/dashboard", recording}, {{"DISPLAY", ":4711"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("--screenshot=OUT.png"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace tally
