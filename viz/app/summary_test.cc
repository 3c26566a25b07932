#include "viz/app/summary.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/replay/story.h"

namespace tally::viz {
namespace {

TEST(SummaryTest, SparesAreNoWorkersAndToldOnceTheyHaveServed) {
  Story story(4);
  story.WithSpares(2).On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2);
  story.On(3).Serve().Steal(2, 0).Begin(2, Place::kHand).End(2).Rest().On(0).End(1);
  const std::string text = Summary(story.Sealed(), "a.png");
  EXPECT_NE(text.find(" on 2 workers and 1 spare, "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  worker 1: 0 tasks"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  spare 1: 1 tasks, 1 stolen"), std::string::npos) << text;
  EXPECT_EQ(text.find("spare 0"), std::string::npos) << text;
}

// As while it is recorded: then the header has all that might serve.
TEST(SummaryTest, WithoutServiceThereAreNoSpares) {
  Recording recording = Story(2).Sealed();
  recording.header.spares = 1;
  recording.header.workers.push_back(recording.header.workers[0]);
  recording.lanes.emplace_back();
  const std::string text = Summary(recording, "a.png");
  EXPECT_NE(text.find(" on 2 workers, "), std::string::npos) << text;
  EXPECT_EQ(text.find("spare"), std::string::npos) << text;
}

TEST(SummaryTest, ManyAreCutShort) {
  const std::string text = Summary(Story(20).Sealed(), "a.png");
  EXPECT_NE(text.find("worker 15:"), std::string::npos) << text;
  EXPECT_EQ(text.find("worker 16:"), std::string::npos) << text;
  EXPECT_NE(text.find("and 4 more\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace tally::viz
