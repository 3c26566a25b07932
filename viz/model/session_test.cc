#include "viz/model/session.h"

#include <gtest/gtest.h>

#include "viz/model/fake_recording.h"
#include "viz/model/figures.h"

namespace tally::viz {
namespace {

class SessionTest : public testing::Test {
 protected:
  void SetUp() override { session_.Update(recording_, false); }

  TimeRange All() const { return session_.model().extent(); }

  Recording recording_ = FakeRecording({.workers = 8, .nodes = 2, .length = 200'000});
  Session session_;
};

TEST_F(SessionTest, OpensOnTheWholeRunWithNothingLeftOutOfTheNumbers) {
  EXPECT_TRUE(session_.whole());
  const TimeRange run = session_.model().run();
  EXPECT_LE(session_.view().begin, run.begin);
  EXPECT_GE(session_.view().end, run.end);
  session_.Do({.verb = Verb::kFit});
  EXPECT_EQ(session_.view(), All());
  EXPECT_FALSE(session_.playback().playing());
}

TEST_F(SessionTest, PlayingFromTheEndStartsAgainAndEndsThere) {
  session_.Do({.verb = Verb::kPlayPause});
  EXPECT_TRUE(session_.playback().playing());
  EXPECT_EQ(session_.playback().head(), All().begin);
  EXPECT_TRUE(session_.range().empty());
  Nanos before = -1;
  for (int frame = 0; frame < 10'000 && session_.playback().playing(); ++frame) {
    EXPECT_GT(session_.playback().head(), before);
    before = session_.playback().head();
    session_.Advance(1.0 / 60);
  }
  EXPECT_TRUE(session_.whole());
}

TEST_F(SessionTest, PauseStopsTheHead) {
  session_.Do({.verb = Verb::kPlayPause});
  session_.Advance(1);
  session_.Do({.verb = Verb::kPlayPause});
  const Nanos head = session_.playback().head();
  session_.Advance(1);
  EXPECT_EQ(session_.playback().head(), head);
  EXPECT_FALSE(session_.whole());
}

// Every decision is met once, in one order, and back again.
TEST_F(SessionTest, SteppingMeetsEveryDecisionOnce) {
  size_t decisions = 0;
  for (const auto& lane : recording_.lanes) {
    for (const Event& event : lane) decisions += IsDecision(event.kind) ? 1 : 0;
  }
  session_.Do({.verb = Verb::kStart});
  std::vector<Moment> met;
  while (true) {
    session_.Do({.verb = Verb::kStepForward});
    if (!met.empty() && session_.decision() == met.back()) break;
    ASSERT_TRUE(session_.decision().has_value());
    if (!met.empty()) {
      EXPECT_LT(met.back(), *session_.decision());
    }
    met.push_back(*session_.decision());
    EXPECT_FALSE(Describe(session_.model(), met.back()).empty());
  }
  EXPECT_EQ(met.size(), decisions);
  for (size_t i = met.size() - 1; i-- > 0;) {
    session_.Do({.verb = Verb::kStepBack});
    ASSERT_EQ(session_.decision(), met[i]);
  }
}

TEST_F(SessionTest, SteppingOverStealsMeetsOnlySteals) {
  session_.Do({.verb = Verb::kStart});
  session_.Do({.verb = Verb::kStepStealForward});
  ASSERT_TRUE(session_.decision().has_value());
  const Moment at = *session_.decision();
  EXPECT_EQ(recording_.lanes[at.lane][at.index].kind, EventKind::kSteal);
  EXPECT_EQ(session_.playback().head(), at.time + 1) << "the decision has just happened";
}

// However the head came to t, everything shown is a function of t: the same as a recording that
// ends there, read from its start.
TEST_F(SessionTest, SeekingIsReplayingFromTheStart) {
  for (const int percent : {0, 13, 50, 77, 100}) {
    const Nanos t = All().begin + All().length() * percent / 100;
    session_.Do({.verb = Verb::kSeek, .time = t});
    Figures sought;
    sought.Update(session_);

    Recording upto = recording_;
    for (auto& lane : upto.lanes) {
      std::erase_if(lane, [&](const Event& event) { return event.time >= t; });
    }
    Session replay;
    replay.Update(upto, true);
    Figures replayed;
    replayed.Update(replay);
    EXPECT_EQ(sought.key().tasks, replayed.key().tasks) << percent;
    EXPECT_EQ(sought.key().steals, replayed.key().steals) << percent;
    EXPECT_EQ(sought.key().parks, replayed.key().parks) << percent;
    EXPECT_EQ(sought.steals().cells, replayed.steals().cells) << percent;
    ASSERT_EQ(sought.workers().size(), replayed.workers().size());
    for (size_t w = 0; w < sought.workers().size(); ++w) {
      EXPECT_EQ(sought.workers()[w].counts, replayed.workers()[w].counts) << percent;
    }
  }
}

TEST_F(SessionTest, ASelectionLimitsTheFigures) {
  Figures all;
  all.Update(session_);
  const TimeRange half{All().begin, All().begin + All().length() / 2};
  session_.Do({.verb = Verb::kSelect, .range = half});
  EXPECT_EQ(session_.range(), half);
  Figures part;
  part.Update(session_);
  EXPECT_LT(part.key().tasks, all.key().tasks);
  EXPECT_EQ(part.key().time, half.length());
  session_.Do({.verb = Verb::kUnselect});
  EXPECT_TRUE(session_.whole());
}

TEST_F(SessionTest, ZoomKeepsTheTimeUnderTheCursor) {
  const Nanos at = All().begin + All().length() / 4;
  session_.Do({.verb = Verb::kFit});
  session_.Do({.verb = Verb::kZoom, .time = at, .factor = 0.5});
  EXPECT_NEAR(static_cast<double>(session_.view().length()),
              static_cast<double>(All().length()) / 2, 1);
  EXPECT_NEAR(static_cast<double>(at - session_.view().begin),
              static_cast<double>(session_.view().length()) / 4, 2);
  session_.Do({.verb = Verb::kPan, .time = All().length() * 10});
  EXPECT_EQ(session_.view().end, All().end) << "nothing is shown beyond the end";
  session_.Do({.verb = Verb::kFit});
  EXPECT_EQ(session_.view(), All());
}

// Growing in pieces must end where reading at once ends; and whoever follows stays at the end.
TEST_F(SessionTest, LiveAndRecordedAreOnePath) {
  Recording growing;
  growing.header = recording_.header;
  growing.lanes.resize(recording_.lanes.size());
  Session live;
  for (size_t part = 1; part <= 7; ++part) {
    for (size_t lane = 0; lane < growing.lanes.size(); ++lane) {
      const std::vector<Event>& whole = recording_.lanes[lane];
      const size_t upto = part == 7 ? whole.size() : whole.size() * part / 7;
      growing.lanes[lane].assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(upto));
    }
    EXPECT_TRUE(live.Update(growing, true));
    EXPECT_TRUE(live.playback().at_end());
  }
  EXPECT_FALSE(live.Update(growing, true)) << "nothing new";
  EXPECT_EQ(live.model().extent(), All());
  Figures grown;
  grown.Update(live);
  Figures read;
  read.Update(session_);
  EXPECT_EQ(grown.steals().cells, read.steals().cells);
  for (size_t w = 0; w < read.workers().size(); ++w) {
    EXPECT_EQ(grown.workers()[w].times, read.workers()[w].times);
  }
  // Space freezes the picture, the recording goes on, and End follows it again.
  live.Do({.verb = Verb::kPlayPause});
  EXPECT_FALSE(live.playback().following());
  live.Do({.verb = Verb::kEnd});
  EXPECT_TRUE(live.playback().following());
}

TEST(PlaybackTest, SpeedGoesInStepsOfOneTwoFive) {
  Playback playback;
  std::vector<double> speeds;
  for (int i = 0; i < 8; ++i) {
    speeds.push_back(playback.speed());
    playback.Faster();
  }
  EXPECT_EQ(speeds, (std::vector<double>{1, 2, 5, 10, 20, 50, 100, 100}));
  for (int i = 0; i < 6; ++i) playback.Slower();
  EXPECT_NEAR(playback.speed(), 1, 1e-9);
  playback.Slower();
  EXPECT_NEAR(playback.speed(), 0.5, 1e-9);
}

}  // namespace
}  // namespace tally::viz
