#include "sim/replay/task_queue.h"

#include <gtest/gtest.h>

#include <set>

namespace tally {
namespace {

TEST(TaskQueueTest, DropsFromBothEndsWhatIsNoLongerValid) {
  TaskQueue queue;
  for (uint64_t i = 1; i <= 6; ++i) queue.Push({.task = i, .ticket = i});
  std::set<uint64_t> gone;
  const auto valid = [&](const TaskQueue::Entry& entry) { return !gone.contains(entry.ticket); };
  EXPECT_EQ(queue.Newest(valid), 6u);
  EXPECT_EQ(queue.Oldest(valid), 1u);
  gone = {1, 2, 4, 6};
  EXPECT_EQ(queue.Newest(valid), 5u);
  EXPECT_EQ(queue.Oldest(valid), 3u);
  ASSERT_EQ(queue.Entries(valid).size(), 2u);
  EXPECT_EQ(queue.Entries(valid)[1].task, 5u);
  gone = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(queue.Newest(valid), 0u);
  EXPECT_EQ(queue.Oldest(valid), 0u);
}

}  // namespace
}  // namespace tally
