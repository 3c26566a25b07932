#include "viz/app/input_queue.h"

#include <gtest/gtest.h>

namespace tally::viz {
namespace {

class InputQueueTest : public testing::Test {
 protected:
  void Key(bool down) { queue_.Push({.kind = InputEvent::Kind::kKey, .code = 65, .down = down}); }
  void Button(bool down) { queue_.Push({.kind = InputEvent::Kind::kButton, .down = down}); }
  void Move(float x) { queue_.Push({.kind = InputEvent::Kind::kMove, .x = x, .y = 0}); }

  InputQueue queue_;
  ImGuiIO io_;
};

// A key tapped during one slow frame must still be seen going down, and then up.
TEST_F(InputQueueTest, APressAndItsReleaseNeverShareAFrame) {
  Key(true);
  Key(false);
  queue_.Feed(&io_);
  EXPECT_TRUE(io_.KeysDown[65]);
  queue_.Feed(&io_);
  EXPECT_FALSE(io_.KeysDown[65]);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(InputQueueTest, AButtonGoesDownWhereTheMouseIsAlready) {
  Move(100);
  Button(true);
  Move(200);
  Button(false);
  queue_.Feed(&io_);
  EXPECT_EQ(io_.MousePos.x, 100);
  EXPECT_FALSE(io_.MouseDown[0]) << "hovering comes a frame before pressing";
  queue_.Feed(&io_);
  EXPECT_TRUE(io_.MouseDown[0]);
  EXPECT_EQ(io_.MousePos.x, 100);
  queue_.Feed(&io_);
  EXPECT_EQ(io_.MousePos.x, 200);
  EXPECT_TRUE(io_.MouseDown[0]);
  queue_.Feed(&io_);
  EXPECT_FALSE(io_.MouseDown[0]);
}

TEST_F(InputQueueTest, MovesAndWheelAddUpInOneFrame) {
  Move(1);
  Move(2);
  queue_.Push({.kind = InputEvent::Kind::kWheel, .y = 1});
  queue_.Push({.kind = InputEvent::Kind::kWheel, .y = 2});
  queue_.Feed(&io_);
  EXPECT_EQ(io_.MousePos.x, 2);
  EXPECT_EQ(io_.MouseWheel, 3);
}

}  // namespace
}  // namespace tally::viz
