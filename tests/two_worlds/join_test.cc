// What a Join promises whoever waits, by hand: each step of its protocol at a chosen moment.

#include "scheduler/runtime/join.h"

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

using W = TimedWorld;

TEST(JoinTest, AWaiterWhoCameTooLateLeavesNoName) {
  Join<W> join;
  EXPECT_FALSE(join.Announce(WorkerId(0))) << "nothing is pending";
  join.Add();
  EXPECT_TRUE(join.Announce(WorkerId(1)));
  const Join<W>::Waiter waiter = join.Finish();
  EXPECT_EQ(waiter.worker, WorkerId(1)) << "not worker 0, nor a mixture of both";
}

TEST(JoinTest, AnOutsideWaiterIsTouchedOnceThoughTheGroupEndsTwice) {
  RunIn<W>(*Machine("core:2 pu:1"), [] {
    Join<W> join;
    join.Add();
    W::Thread waiter;
    ASSERT_TRUE(waiter.Start({.name = "waiter"}, [&] { join.ParkOutside(); }).ok());
    W::Work(1'000'000);  // it is parked
    const Join<W>::Waiter first = join.Finish();
    ASSERT_NE(first.outside, nullptr);
    // Before the waiter has woken, somebody spawns another task, which ends at once.
    join.Add();
    const Join<W>::Waiter second = join.Finish();
    EXPECT_EQ(second.outside, nullptr) << "its parker may be gone by now";
    EXPECT_FALSE(second.worker.valid());
    first.outside->Unpark();
    waiter.Join();
  });
}

TEST(JoinTest, WhatIsAddedWhileTheWaiterSleepsIsWaitedForToo) {
  Join<W> join;
  join.Add();
  ASSERT_TRUE(join.Announce(WorkerId(1)));
  join.Add();  // by the first task
  EXPECT_EQ(join.Finish().worker, WorkerId(1)) << "all that was there when the waiter looked";
  join.Retract();
  EXPECT_FALSE(join.Done());
  ASSERT_TRUE(join.Announce(WorkerId(1)));
  EXPECT_EQ(join.Finish().worker, WorkerId(1));
  EXPECT_TRUE(join.Done());
  join.Retract();
  EXPECT_EQ(join.WhoWaits(), WorkerId());
}

TEST(JoinTest, SeveralThatEndAtOnceDoNotPassTheWaiterBy) {
  Join<W> join;
  join.Add(2);
  ASSERT_TRUE(join.Announce(WorkerId(1)));
  join.Add(2);
  EXPECT_FALSE(join.Finish().worker.valid());
  EXPECT_EQ(join.Finish(3).worker, WorkerId(1)) << "from one to two below zero";
  EXPECT_TRUE(join.Done());
  EXPECT_FALSE(join.Announce(WorkerId(1))) << "nothing is pending";
}

}  // namespace
}  // namespace tally
