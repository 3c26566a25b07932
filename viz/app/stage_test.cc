// The dashboard as a person uses it, without a window or OpenGL: keys and clicks go in, and what is
// shown comes out by name.
#include "viz/app/stage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sim/metrics/metrics.h"
#include "viz/app/script.h"
#include "viz/app/state_dump.h"
#include "viz/model/fake_recording.h"
#include "viz/panels/keys.h"

namespace tally::viz {
namespace {

class Visit {
 public:
  explicit Visit(const FakeOptions& options, int width = 1280, int height = 720)
      : recording_(FakeRecording(options)) {
    session_.Update(recording_, false);
    stage_ = std::make_unique<Stage>(&session_, width, height);
    stage_->BuildFonts();
    Frames(3);
  }

  void Frames(int count) {
    for (int i = 0; i < count; ++i) stage_->Frame(1.0 / 60, &images_);
  }

  // Plays a script to its end; fails the test on the first expectation that does not hold.
  void Play(const std::string& text) {
    absl::StatusOr<Script> script = Script::Parse(text);
    ASSERT_TRUE(script.ok()) << script.status();
    for (int i = 0; i < 2000 && !script->done(); ++i) {
      const absl::Status step = script->Step(stage_->shown(), &stage_->input());
      ASSERT_TRUE(step.ok()) << step << "\n" << StateJson(stage_->shown());
      Frames(1);
    }
    ASSERT_TRUE(script->done());
    Frames(3);
  }

  std::string Value(const char* path) const {
    const Shown::Item* item = stage_->shown().Find(path);
    return item == nullptr ? "(not shown)" : ValueText(item->value);
  }

  const Recording& recording() const { return recording_; }
  const Session& session() const { return session_; }
  const Shown& shown() const { return stage_->shown(); }

 private:
  Recording recording_;
  Session session_;
  NoImages images_;
  std::unique_ptr<Stage> stage_;
};

constexpr FakeOptions kEight{.workers = 8, .nodes = 2, .length = 400'000};

TEST(StageTest, TheTopBarShowsTheMetrics) {
  Visit visit(kEight);
  const Metrics metrics = ComputeMetrics(visit.recording());
  EXPECT_EQ(visit.Value("topbar/tasks"), std::to_string(metrics.tasks));
  EXPECT_EQ(visit.Value("topbar/steals"), std::to_string(metrics.steals));
  EXPECT_EQ(visit.Value("topbar/parks"), std::to_string(metrics.parks));
  EXPECT_EQ(visit.Value("topbar/cross_node_accesses"),
            std::to_string(metrics.cross_node->accesses));
  EXPECT_EQ(visit.Value("topbar/makespan_ns"), std::to_string(metrics.makespan_ns));
  EXPECT_EQ(visit.Value("steals/total"), std::to_string(metrics.steals));
  EXPECT_EQ(visit.Value("cross_node/bytes"), std::to_string(metrics.cross_node->bytes));
  for (size_t w = 0; w < metrics.workers.size(); ++w) {
    const std::string row = "workers/" + std::to_string(w);
    EXPECT_EQ(visit.Value((row + "/executed").c_str()),
              std::to_string(metrics.workers[w].executed));
  }
}

TEST(StageTest, SpacePlaysAndPauses) {
  Visit visit(kEight);
  visit.Play(
      "expect transport/play false\nkey SPACE\nexpect transport/play true\nwait 20\nkey SPACE\n"
      "expect transport/play false\nexpect topbar/range up to the play head");
  EXPECT_FALSE(visit.session().whole());
  visit.Play("key END\nabsent topbar/range");
  EXPECT_TRUE(visit.session().whole());
}

TEST(StageTest, ButtonsDoWhatKeysDo) {
  Visit visit(kEight);
  visit.Play(
      "click transport/start\nexpect topbar/tasks 0\nclick transport/step_forward\n"
      "expect-not transport/decision (not on the screen)");
  const std::string by_button = visit.Value("transport/decision");
  visit.Play("key HOME\nkey RIGHT");
  EXPECT_EQ(visit.Value("transport/decision"), by_button);
  visit.Play("key LEFT\nkey CTRL+RIGHT");
  EXPECT_NE(visit.Value("transport/decision").find(" stole "), std::string::npos);
  const std::string speed = visit.Value("transport/speed");
  visit.Play("click transport/faster\nclick transport/slower\nexpect transport/speed " + speed);
}

TEST(StageTest, WheelZoomsAndFFits) {
  Visit visit(kEight);
  visit.Play("key F");
  const TimeRange all = visit.session().view();
  visit.Play("wheel timeline 3");
  EXPECT_NEAR(static_cast<double>(visit.session().view().length()),
              static_cast<double>(all.length()) * 0.512, 10);
  visit.Play("key D");
  EXPECT_GT(visit.session().view().begin, all.begin);
  visit.Play("key F");
  EXPECT_EQ(visit.session().view(), all);
}

TEST(StageTest, DraggingOverTheOverviewSelectsForEveryPanel) {
  Visit visit(kEight);
  const Metrics metrics = ComputeMetrics(visit.recording());
  visit.Play("drag overview 0.25 0.5\nexpect topbar/range selection\nexpect-not topbar/steals " +
             std::to_string(metrics.steals));
  ASSERT_TRUE(visit.session().selection().has_value());
  EXPECT_EQ(visit.Value("topbar/steals"), visit.Value("steals/total"));
  visit.Play("key ESC\nabsent topbar/range\nexpect topbar/steals " +
             std::to_string(metrics.steals));
}

TEST(StageTest, DraggingTheTimelineMovesIt) {
  Visit visit(kEight);
  visit.Play("wheel timeline 5");
  const TimeRange before = visit.session().view();
  visit.Play("drag timeline 0.5 0.7");
  EXPECT_LT(visit.session().view().begin, before.begin);
  EXPECT_EQ(visit.session().view().length(), before.length());
}

TEST(StageTest, ClickingTheRulerMovesThePlayHead) {
  Visit visit(kEight);
  visit.Play("key F\nclick timeline/ruler");
  const TimeRange all = visit.session().model().extent();
  EXPECT_NEAR(static_cast<double>(visit.session().playback().head() - all.begin),
              static_cast<double>(all.length()) / 2, static_cast<double>(all.length()) / 50);
}

TEST(StageTest, TheHelpListsEveryKey) {
  Visit visit(kEight);
  visit.Play("absent help\nkey F1\nexpect help true");
  for (const Binding& binding : Bindings()) {
    EXPECT_NE(visit.shown().Find(std::string("help/") + binding.name), nullptr) << binding.name;
    EXPECT_STRNE(binding.what, "");
  }
  visit.Play("key ESC\nabsent help");
}

TEST(StageTest, HoveringTells) {
  Visit visit(kEight);
  visit.Play("wheel timeline/worker/3 0\nexpect-not tip/title (not on the screen)");
  EXPECT_EQ(visit.Value("tip/title").substr(0, 8), "Worker 3");
}

// A live recording's header has all that might serve; whoever reads a file leaves some out.
TEST(StageTest, SparesHaveRowsOnceTheyHaveServed) {
  FakeOptions options = kEight;
  options.spares = 2;
  options.idle_spares = 3;
  Visit visit(options);
  const Metrics metrics = ComputeMetrics(visit.recording());
  EXPECT_EQ(visit.Value("topbar/source").substr(0, 22), "8 workers and 2 spares");
  EXPECT_EQ(visit.Value("timeline/workers"), "8");
  EXPECT_EQ(visit.Value("workers/9/executed"), std::to_string(metrics.workers[9].executed));
  EXPECT_EQ(visit.Value("workers/10/executed"), "(not shown)");
  EXPECT_EQ(visit.Value("timeline/worker/10"), "(not shown)");
  EXPECT_EQ(visit.Value("topbar/busy"), ValueText(metrics.busy_share()));
  const auto& texts = visit.shown().texts();
  EXPECT_EQ(
      std::count_if(texts.begin(), texts.end(), [](const auto& t) { return t.text == "spare 1"; }),
      2)
      << "beside its lane, and in the table";
  visit.Play("wheel timeline/worker/9 0\nexpect-not tip/title (not on the screen)");
  EXPECT_EQ(visit.Value("tip/title").substr(0, 7), "Spare 1");
  visit.Play("wheel topbar/busy 0\nexpect-not tip/of (not on the screen)");
  EXPECT_EQ(visit.Value("tip/title").substr(0, 5), "Busy ");
}

struct Screen {
  int width, height, workers, nodes;
  int spares = 0;
};
class LayoutTest : public testing::TestWithParam<Screen> {};

// Nothing is cut off at the window's edge, and no text lies on another, from one worker to many.
TEST_P(LayoutTest, NoTextOverlapsAnother) {
  const Screen screen = GetParam();
  for (const bool busy : {false, true}) {
    Visit visit({.workers = screen.workers,
                 .nodes = screen.nodes,
                 .length = 150'000,
                 .spares = screen.spares},
                screen.width, screen.height);
    if (busy) visit.Play("drag overview 0.2 0.9\nkey CTRL+LEFT\nwheel timeline 8");
    const std::vector<Shown::Text>& texts = visit.shown().texts();
    ASSERT_GT(texts.size(), 30u);
    for (size_t i = 0; i < texts.size(); ++i) {
      const Rect a = texts[i].rect;
      EXPECT_GE(a.x, 0) << texts[i].text;
      EXPECT_GE(a.y, 0) << texts[i].text;
      EXPECT_LE(a.right(), screen.width) << texts[i].text;
      EXPECT_LE(a.bottom(), screen.height) << texts[i].text;
      for (size_t k = i + 1; k < texts.size(); ++k) {
        const Rect b = texts[k].rect;
        const bool apart =
            a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
        EXPECT_TRUE(apart) << "\"" << texts[i].text << "\" and \"" << texts[k].text << "\" at "
                           << a.x << "," << a.y << " and " << b.x << "," << b.y;
      }
    }
  }
}

TEST_P(LayoutTest, TheHelpFitsTheWindow) {
  const Screen screen = GetParam();
  Visit visit({.workers = 1, .nodes = 1, .length = 10'000}, screen.width, screen.height);
  visit.Play("key F1");
  const Shown::Item* help = visit.shown().Find("help");
  ASSERT_NE(help, nullptr);
  EXPECT_GE(help->rect.x, 0);
  EXPECT_GE(help->rect.y, 0);
  EXPECT_LE(help->rect.right(), screen.width);
  EXPECT_LE(help->rect.bottom(), screen.height);
}

INSTANTIATE_TEST_SUITE_P(
    Screens, LayoutTest,
    testing::Values(Screen{1280, 720, 1, 1}, Screen{1280, 720, 2, 1}, Screen{1280, 720, 8, 2},
                    Screen{1280, 720, 64, 8}, Screen{1280, 720, 192, 24}, Screen{1920, 1080, 2, 1},
                    Screen{1920, 1080, 24, 4}, Screen{1920, 1080, 192, 8}, Screen{2560, 1440, 1, 1},
                    Screen{2560, 1440, 64, 8}, Screen{800, 600, 16, 2}, Screen{640, 400, 4, 2},
                    Screen{1280, 720, 2, 1, 2}, Screen{1280, 720, 2, 1, 48},
                    Screen{1280, 720, 8, 2, 8}, Screen{640, 400, 4, 4, 4},
                    Screen{1920, 1080, 64, 8, 48}),
    [](const testing::TestParamInfo<Screen>& info) {
      return std::to_string(info.param.width) + "x" + std::to_string(info.param.height) + "w" +
             std::to_string(info.param.workers) + "s" + std::to_string(info.param.spares);
    });

}  // namespace
}  // namespace tally::viz
