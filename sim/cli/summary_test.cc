#include "sim/cli/summary.h"

#include <string>

#include "gtest/gtest.h"
#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"
#include "sim/replay/story.h"

namespace tally::cli {
namespace {

TEST(SummaryTest, NumbersAreReadable) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(Bytes(1000), "1000 bytes");
  EXPECT_EQ(Bytes(64 << 20), "64.0 MiB");
}

TEST(SummaryTest, BarsAddUp) {
  EXPECT_EQ(Bar(50, 25, 100, 8), "████▒▒··");
  EXPECT_EQ(Bar(100, 0, 100, 4), "████");
  EXPECT_EQ(Bar(0, 0, 100, 4), "····");
  EXPECT_EQ(Bar(0, 0, 0, 4), "····") << "nothing happened";
  EXPECT_EQ(Bar(300, 300, 100, 4), "████") << "never longer than asked";
}

// Each spare that serves takes a task from worker 0 and is busy for as long as it.
std::string WithSpares(int workers, int spares, int serve) {
  Story story(static_cast<size_t>(workers + spares));
  story.WithSpares(static_cast<uint32_t>(spares)).On(0).SpawnInline(1).Begin(1, Place::kInline);
  for (int i = 0; i < serve; ++i) story.Spawn(static_cast<TaskId>(i) + 2);
  for (int i = 0; i < serve; ++i) {
    const TaskId task = static_cast<TaskId>(i) + 2;
    story.On(static_cast<size_t>(workers + i)).Serve().Steal(task, 0).Begin(task, Place::kHand);
    story.After(990).End(task).Rest();
  }
  story.On(0).End(1);
  const Recording recording = story.Sealed();
  return Summary(recording, ComputeMetrics(recording));
}

bool Says(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

TEST(SummaryTest, SparesHaveRowsOfTheirOwnOnceTheyHaveServed) {
  const std::string text = WithSpares(2, 3, 2);
  EXPECT_TRUE(Says(text, "2 workers and 2 spares")) << text;
  EXPECT_TRUE(Says(text, "1.0 workers and 0.9 spares busy on average")) << text;
  EXPECT_TRUE(Says(text, "\n        0     0  ")) << text;
  EXPECT_TRUE(Says(text, "\n  spare 0     0  ")) << text;
  EXPECT_TRUE(Says(text, "\n  spare 1     0  ")) << text;
  EXPECT_FALSE(Says(text, "spare 2")) << text;
  EXPECT_FALSE(Says(WithSpares(2, 3, 0), "spare"));
}

TEST(SummaryTest, ManyAreSummedUpByNodeWorkersAndSparesApart) {
  const std::string spares = WithSpares(2, 40, 38);
  EXPECT_TRUE(Says(spares, "\n           1     0  ")) << spares;
  EXPECT_TRUE(Says(spares, "\n  x38 spares     0  ")) << spares;
  const std::string workers = WithSpares(40, 2, 2);
  EXPECT_TRUE(Says(workers, "\n      x40     0  ")) << workers;
  EXPECT_TRUE(Says(workers, "\n  spare 1     0  ")) << workers;
}

}  // namespace
}  // namespace tally::cli
