// The rule of waiting, as a property: whatever runs on a waiter's stack descends from the task that
// waits. Checked on many schedules of random task trees, in virtual time and for real.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

// A task of the tree, on its parent's stack until its group is over.
struct Node {
  const Node* parent = nullptr;
  bool DescendsFrom(const Node* ancestor) const {
    for (const Node* node = this; node != nullptr; node = node->parent) {
      if (node == ancestor) return true;
    }
    return false;
  }
};

// A tree whose tasks make two others by Invoke, or spawn four.
struct Shape {
  const char* name;
  int depth;
  bool root_spawns;  // or does what its seed says
  int root_width;    // if it spawns
};
constexpr Shape kShapes[] = {
    {"any", 8, false, 4},
    {"spawns", 8, true, 4},
    {"wide", 4, true, 600},  // so that thieves take several at a time
};

template <class W>
class Tree {
 public:
  Tree(BasicScheduler<W>& scheduler, uint64_t seed, const Shape& shape)
      : scheduler_(scheduler), seed_(seed), shape_(shape), stacks_(scheduler.workers()) {}

  // Runs the tree; returns how many tasks ran.
  int64_t Run(int64_t* last_resorts) {
    BasicTaskGroup<W> group(scheduler_);
    const Node root;
    int64_t tasks = 0;
    group.Spawn([&] {
      tasks = Grow(root, shape_.depth, seed_);
      // The one exception, when everybody waits, is not for trees: somebody can always go on.
      for (const auto& worker : Worker<W>::Current()->crew().workers) {
        *last_resorts += static_cast<int64_t>(worker->LastResorts());
      }
    });
    group.Wait();
    return tasks;
  }
  // Tasks that ran on a waiter's stack and did not descend from what waited.
  int64_t unrelated() const { return unrelated_.load(); }

 private:
  // Says that `node` now runs on this worker, on top of what waits there.
  class OnStack {
   public:
    OnStack(Tree& tree, const Node& node)
        : stack_(tree.stacks_[Worker<W>::Current()->id().index()]) {
      if (!stack_.empty()) {
        if (!node.DescendsFrom(stack_.back())) tree.unrelated_.fetch_add(1);
      }
      stack_.push_back(&node);
    }
    ~OnStack() { stack_.pop_back(); }

   private:
    std::vector<const Node*>& stack_;
  };

  int64_t Grow(const Node& parent, int depth, uint64_t seed) {
    const Node node{&parent};
    const OnStack on_stack(*this, node);
    Random random(seed);
    W::Work(random.Below(2000));
    if (depth == 0) return 1;
    int64_t tasks = 1;
    const bool is_root = depth == shape_.depth;
    if (!(is_root && shape_.root_spawns) && random.Below(2) == 0) {
      int64_t left = 0, right = 0;
      const uint64_t left_seed = random.Next(), right_seed = random.Next();
      // f runs as a part of this task: no node of its own.
      Invoke<W>([&] { left = GrowHere(node, depth - 1, left_seed); },
                [&] { right = Grow(node, depth - 1, right_seed); });
      tasks += left + right;
    } else {
      std::vector<int64_t> grown(static_cast<size_t>(is_root ? shape_.root_width : 4));
      BasicTaskGroup<W> group(scheduler_);
      for (int64_t& each : grown) {
        const uint64_t child_seed = random.Next();
        const Priority priority = static_cast<Priority>(random.Below(kPriorities));
        const NodeId home(random.Below(4) == 0 ? static_cast<int>(random.Below(2)) : -1);
        group.Spawn(
            [this, &node, &each, depth, child_seed] { each = Grow(node, depth - 1, child_seed); },
            {.priority = priority, .node = home});
      }
      W::Work(random.Below(1000));
      group.Wait();
      for (const int64_t each : grown) tasks += each;
    }
    return tasks;
  }
  int64_t GrowHere(const Node& node, int depth, uint64_t seed) {
    return depth == 0 ? 0 : Grow(node, depth - 1, seed);
  }

  BasicScheduler<W>& scheduler_;
  const uint64_t seed_;
  const Shape shape_;
  std::vector<std::vector<const Node*>> stacks_;  // by worker
  std::atomic<int64_t> unrelated_{0};
};

template <class W>
int64_t GrowTree(int workers, uint64_t seed, const Shape& shape) {
  int64_t tasks = 0;
  const auto machine = Machine("package:2 numa:1 core:4 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = workers,
                                                .topology = machine,
                                                .placement = PlacementPolicy::kScatter,
                                                .seed = seed});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    Tree<W> tree(**scheduler, 17, shape);
    int64_t last_resorts = 0;
    tasks = tree.Run(&last_resorts);
    EXPECT_EQ(tree.unrelated(), 0) << "an unrelated task on a waiter's stack";
    EXPECT_EQ(last_resorts, 0) << "everybody waited, although a task was queued";
  });
  return tasks;
}

class TreeTest : public testing::TestWithParam<Shape> {
 protected:
  // On all these numbers of workers it is the tree that it is on one.
  template <class W>
  void GrowTrees(const std::vector<int>& all_workers, uint64_t seeds) {
    const int64_t expected = GrowTree<W>(1, 1, GetParam());
    EXPECT_GT(expected, 200);
    for (const int workers : all_workers) {
      for (uint64_t seed = 1; seed <= seeds; ++seed) {
        ASSERT_EQ(GrowTree<W>(workers, seed, GetParam()), expected) << workers << " seed " << seed;
        ASSERT_FALSE(HasFailure()) << workers << " workers, seed " << seed;
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Shapes, TreeTest, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return shape.param.name; });

TEST_P(TreeTest, NoUnrelatedWorkOnAWaitersStackInVirtualTime) {
  GrowTrees<TimedWorld>({2, 3, 8, 16}, GetParam().root_width > 4 ? 5 : 25);
}
TEST_P(TreeTest, NoUnrelatedWorkOnAWaitersStackForReal) { GrowTrees<RealWorld>({2, 4}, 20); }

// A thief takes three long tasks with one visit. The waiter has many short ones, then nothing.
TEST(WaitingTest, AWaiterHelpsWithWhatWasStolenTogether) {
  using W = TimedWorld;
  Nanos elapsed = 0;
  uint64_t batches = 0;
  const auto machine = Machine("package:1 l3:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = 2, .topology = machine});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    BasicTaskGroup<W> outside(**scheduler);
    outside.Spawn([&] {
      const Nanos start = W::Now();
      typename W::Parker stolen;
      BasicTaskGroup<W> group(**scheduler);
      group.Spawn([&] {
        stolen.Unpark();
        W::Work(1'000'000);
      });
      stolen.Park();
      for (int i = 0; i < 3; ++i) group.Spawn([] { W::Work(10'000'000); });
      for (int i = 0; i < 100; ++i) group.Spawn([] { W::Work(1'000); });
      W::Work(1'500'000);  // so the other worker comes first
      group.Wait();
      elapsed = W::Now() - start;
    });
    outside.Wait();
    for (const WorkerStats& worker : (*scheduler)->Stats().workers) {
      for (size_t size = 1; size < worker.steal_batches.size(); ++size) {
        batches += worker.steal_batches[size];
      }
    }
  });
  EXPECT_GT(batches, 0u) << "the three must have been stolen together, or this tests nothing";
  EXPECT_LT(elapsed, 25'000'000) << "one after the other they take 31 ms";
}

// What a thief has stolen with a task of another group it has to give back, and only sees then.
TEST(WaitingTest, OfAMixedQueueAThiefStealsLittleInVain) {
  using W = TimedWorld;
  WorkerStats total;
  const auto machine = Machine("package:1 l3:1 core:2 pu:1");
  RunIn<W>(*machine, [&] {
    auto scheduler = BasicScheduler<W>::Create({.workers = 2, .topology = machine});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    BasicTaskGroup<W> outside(**scheduler);
    outside.Spawn([&] {
      BasicTaskGroup<W> one(**scheduler), other(**scheduler);
      for (int i = 0; i < 200; ++i) {
        one.Spawn([] { W::Work(1'000); });
        other.Spawn([] { W::Work(1'000); });
      }
      W::Work(10'000'000);  // so the other worker runs them all
    });
    outside.Wait();
    total = (*scheduler)->Stats().Total();
  });
  uint64_t visits = 0, stolen = 0;
  for (const uint64_t count : total.steal_batches) visits += count;
  for (const uint64_t count : total.steals) stolen += count;
  EXPECT_GT(stolen, 2 * visits) << "several at a time, or this tests nothing";
  EXPECT_LE(total.injector_takes, 1 + 2 * visits) << "of the first three one is of the group";
}

// How long it takes, in virtual time, when two workers share what one of them has stolen.
Nanos StolenFanOut(int nested_groups) {
  Nanos elapsed = 0;
  const auto machine = Machine("package:1 l3:1 core:2 pu:1");
  RunIn<TimedWorld>(*machine, [&] {
    using W = TimedWorld;
    auto scheduler = BasicScheduler<W>::Create({.workers = 2, .topology = machine});
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    BasicTaskGroup<W> outside(**scheduler);
    outside.Spawn([&] {
      typename W::Parker stolen;
      const Nanos start = W::Now();
      BasicTaskGroup<W> group(**scheduler);
      // `fan` makes groups in groups, and in the innermost one a lot of work.
      std::function<void(int)> fan = [&](int depth) {
        BasicTaskGroup<W> inner(**scheduler);
        if (depth > 0) {
          inner.Spawn([&fan, depth] { fan(depth - 1); });
        } else {
          for (int i = 0; i < 10; ++i) inner.Spawn([] { W::Work(100'000); });
        }
        inner.Wait();
      };
      group.Spawn([&] {
        stolen.Unpark();
        fan(nested_groups);
      });
      stolen.Park();  // until the other worker has the only task of `group`
      group.Wait();
      elapsed = W::Now() - start;
    });
    outside.Wait();
  });
  return elapsed;
}

TEST(WaitingTest, AWaiterHelpsWhoeverStoleItsTask) {
  // A million nanoseconds of work: half of it each, and a little for finding it.
  EXPECT_LT(StolenFanOut(0), 650'000);
  EXPECT_LT(StolenFanOut(2), 650'000) << "also with what descends from the stolen task";
}

}  // namespace
}  // namespace tally
