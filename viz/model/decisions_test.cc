#include "viz/model/decisions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/replay/story.h"
#include "viz/model/trace_model.h"

namespace tally::viz {
namespace {

TEST(DecisionsTest, SparesAreCalledSpares) {
  Story story(3);
  story.WithSpares(1).On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2).Wake(2);
  story.On(2).Serve().Steal(2, 0).Begin(2, Place::kHand).Spawn(3);
  story.On(1).Steal(3, 2);
  const Recording recording = story.Sealed();
  TraceModel model;
  model.Update(recording);
  std::string text;
  std::optional<Moment> at = NextDecision(recording, Moment{-1});
  for (; at; at = NextDecision(recording, *at)) text += Describe(model, *at) + "\n";
  for (const char* sentence :
       {"worker 0 woke spare 0\n", "spare 0 stands in from now on\n",
        "spare 0 stole a task from worker 0\n", "worker 1 stole a task from spare 0\n"}) {
    EXPECT_NE(text.find(sentence), std::string::npos) << sentence << " in:\n" << text;
  }
}

// A damaged recording may name nobody.
TEST(DecisionsTest, NonsenseIsDescribedWithoutHarm) {
  Recording recording = Story(2).WithSpares(1).Sealed();
  recording.lanes[0] = {{.time = 1, .peer = -5, .kind = EventKind::kWake},
                        {.time = 2, .peer = 99, .kind = EventKind::kSteal}};
  TraceModel model;
  model.Update(recording);
  EXPECT_EQ(Describe(model, Moment{1, 0, 0}), "worker 0 woke worker -5");
  EXPECT_EQ(Describe(model, Moment{2, 0, 1}), "worker 0 stole a task from worker 99");
}

}  // namespace
}  // namespace tally::viz
