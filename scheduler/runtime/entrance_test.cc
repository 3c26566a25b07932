// Where outside threads come in.

#include "scheduler/runtime/entrance.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_machine.h"
#include "numa/slab_pool.h"
#include "numa/topology.h"
#include "scheduler/runtime/task.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

uint64_t Taken(const SlabPool& pool) {
  uint64_t taken = 0;
  for (const SlabNodeStats& node : pool.Stats()) taken += node.cells_taken;
  return taken;
}

class EntranceTest : public testing::Test {
 protected:
  EntranceTest() : pool_(FakeMachine({0})), entrance_(pool_, 2) {}
  ~EntranceTest() override {
    for (QueuedTask<RealWorld>* cell : cells_) entrance_.TakeBack(cell);
  }
  Entrance<RealWorld>::Accepted Accept() {
    const auto accepted = entrance_.Accept();
    cells_.push_back(accepted.cell);
    return accepted;
  }

  SlabPool pool_;
  Entrance<RealWorld> entrance_;
  std::vector<QueuedTask<RealWorld>*> cells_;
};

// Cells of the pool come from other CPUs, all of a batch: a task is not to wait for that.
TEST_F(EntranceTest, WhoTopsUpWhenCellsRunLowNeverWaitsForThePool) {
  (void)Accept();  // the first one does
  int topped_up = 0;
  for (int task = 0; task < 1000; ++task) {
    const uint64_t before = Taken(pool_);
    const bool runs_low = Accept().runs_low;
    ASSERT_EQ(Taken(pool_), before) << "task " << task;
    if (!runs_low) continue;
    entrance_.TopUp();
    EXPECT_GT(Taken(pool_), before) << "task " << task;
    ++topped_up;
  }
  EXPECT_EQ(topped_up, 1000 / 64) << "in whole batches";
}

TEST_F(EntranceTest, ToppingUpInVainTakesNothing) {
  (void)Accept();
  const uint64_t before = Taken(pool_);
  entrance_.TopUp();
  EXPECT_EQ(Taken(pool_), before);
}

TEST_F(EntranceTest, WhoDoesNotTopUpGetsCellsAllTheSame) {
  for (int task = 0; task < 200; ++task) ASSERT_NE(Accept().cell, nullptr);
  EXPECT_EQ(entrance_.Count(), 200u);
}

// Each thread's number is its test's choice.
struct Numbered : PreemptedWorld {
  static uint32_t ThreadNumber() { return number; }
  static inline thread_local uint32_t number = 0;
};

// Who counts is stopped, at each door in turn, while a task that was refused is taken back at
// another door than it came in by, for the first one's is held by somebody who is stopped, too.
TEST(EntranceCountTest, NeverMissesWhoIsInsideAllTheTime) {
  int stopped = 0;
  for (int load = 1; load <= 32; ++load) {
    SlabPool pool(FakeMachine({0}));
    Entrance<Numbered> entrance(pool, 2);
    Numbered::number = 5;
    const auto inside = entrance.Accept();
    Numbered::BeforeLoad(load, [&] {
      ++stopped;
      std::thread([&] {
        Numbered::number = 8;  // which prefers door 0
        const auto refused = entrance.Accept();
        std::atomic<bool> holds{false}, go{false};
        std::thread holder([&] {
          Numbered::number = 16;         // so does this
          Numbered::BeforeLoad(2, [&] {  // after that of the door
            holds = true;
            while (!go) std::this_thread::yield();
          });
          entrance.TakeBack(entrance.Accept().cell);
        });
        while (!holds) std::this_thread::yield();
        entrance.TakeBack(refused.cell);  // at door 1
        go = true;
        holder.join();
      }).join();
    });
    EXPECT_GE(entrance.Count(), 1u) << "stopped before load " << load;
    Numbered::BeforeLoad(0, nullptr);
    EXPECT_EQ(entrance.Count(), 1u);
    entrance.TakeBack(inside.cell);
  }
  EXPECT_EQ(stopped, 16) << "Count() looks twice at each of eight doors";
}

}  // namespace
}  // namespace tally
