// An array over the memory of all nodes, in the real world and on imagined machines with several.
#include "scheduler/runtime/node_array.h"

#include <atomic>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/timed_world.h"
#include "tests/two_worlds/worlds.h"

namespace tally {
namespace {

template <class W>
class NodeArray : public testing::Test {
 protected:
  template <class T>
  using Array = BasicNodeArray<W, T>;

  // `body(scheduler)` from outside the scheduler.
  template <class F>
  static void With(const std::string& machine, int workers, const F& body) {
    const std::shared_ptr<const Topology> topology = Machine(machine);
    RunIn<W>(*topology, [&] {
      auto scheduler = BasicScheduler<W>::Create({.workers = workers, .topology = topology});
      ASSERT_TRUE(scheduler.ok()) << scheduler.status();
      body(**scheduler);
    });
  }
  static std::string Live() { return W::kSimulated ? "numa:4 core:2 pu:1" : "live"; }
};
using BothWorlds = testing::Types<RealWorld, TimedWorld>;
TYPED_TEST_SUITE(NodeArray, BothWorlds);

TYPED_TEST(NodeArray, MakesEveryElementOnceAndEveryPageLiesWhereItWasMeantTo) {
  this->With(this->Live(), 8, [](BasicScheduler<TypeParam>& scheduler) {
    constexpr size_t kCount = 1'000'000;
    std::atomic<size_t> made{0};
    auto array = BasicNodeArray<TypeParam, uint64_t>::Create(scheduler, kCount, [&](size_t i) {
      made.fetch_add(1, std::memory_order_relaxed);
      return i * 3;
    });
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(made.load(), kCount);
    for (size_t i = 0; i < kCount; ++i) ASSERT_EQ((*array)[i], i * 3);
    const ArrayPages pages = array->Check();
    EXPECT_EQ(pages.wrong, 0u) << pages.why;
    EXPECT_EQ(pages.absent, 0u);
    EXPECT_EQ(pages.right + pages.unknown, kCount * 8 / 4096 + 1);
    if (TypeParam::kSimulated) {
      EXPECT_EQ(array->stretches().size(), 4u);
      EXPECT_TRUE(pages.granted) << pages.why;
    }
    EXPECT_EQ(array->NodeOf(0), NodeId(0));
    EXPECT_EQ(array->NodeOf(kCount - 1), array->stretches().back().node);
  });
}

TYPED_TEST(NodeArray, DealsBlocksOutInTurn) {
  this->With("numa:3 core:2 pu:1", 6, [](BasicScheduler<TypeParam>& scheduler) {
    auto array = BasicNodeArray<TypeParam, int>::Create(
        scheduler, 10'240, [](size_t i) { return static_cast<int>(i); }, {.block = 1024});
    ASSERT_TRUE(array.ok());
    for (size_t i = 0; i < array->size(); ++i) {
      ASSERT_EQ((*array)[i], static_cast<int>(i));
      ASSERT_EQ(array->NodeOf(i), NodeId(static_cast<int>(i / 1024 % 3)));
    }
  });
}

TYPED_TEST(NodeArray, PiecesCoverItAndAreSentToTheirNodes) {
  this->With(this->Live(), 8, [](BasicScheduler<TypeParam>& scheduler) {
    auto array = BasicNodeArray<TypeParam, uint64_t>::Create(scheduler, 500'000);
    ASSERT_TRUE(array.ok());
    array->ForEach([](uint64_t& element) { ++element; });
    std::atomic<size_t> covered{0};
    array->ForEachPiece([&](std::span<uint64_t> piece, size_t first) {
      EXPECT_EQ(&piece.front(), &(*array)[first]);
      EXPECT_EQ(array->NodeOf(first), array->NodeOf(first + piece.size() - 1));
      for (uint64_t& element : piece) element += first;
      covered.fetch_add(piece.size(), std::memory_order_relaxed);
    });
    EXPECT_EQ(covered.load(), array->size());
    // From inside a task too.
    BasicTaskGroup<TypeParam> group(scheduler);
    group.Spawn([&] { array->ForEach([](uint64_t& element) { ++element; }); });
    group.Wait();
    EXPECT_EQ((*array)[0], 2u);
    EXPECT_GT((*array)[499'999], 400'000u);
  });
}

// Each counts itself.
struct Counted {
  explicit Counted(std::atomic<int>& live) : live(&live) { live.fetch_add(1); }
  Counted(Counted&& other) : live(other.live) { live->fetch_add(1); }
  ~Counted() { live->fetch_sub(1); }
  std::atomic<int>* live;
};

TYPED_TEST(NodeArray, DestroysItsElements) {
  this->With(this->Live(), 4, [](BasicScheduler<TypeParam>& scheduler) {
    std::atomic<int> live{0};
    {
      auto array = BasicNodeArray<TypeParam, Counted>::Create(
          scheduler, 100'000, [&](size_t) { return Counted(live); });
      ASSERT_TRUE(array.ok());
      EXPECT_EQ(live.load(), 100'000);
      BasicNodeArray<TypeParam, Counted> moved = *std::move(array);
      EXPECT_EQ(live.load(), 100'000);
    }
    EXPECT_EQ(live.load(), 0);
  });
}

TYPED_TEST(NodeArray, AnExceptionDestroysWhatWasMade) {
  this->With(this->Live(), 4, [](BasicScheduler<TypeParam>& scheduler) {
    std::atomic<int> live{0};
    const auto create = [&] {
      return BasicNodeArray<TypeParam, Counted>::Create(scheduler, 100'000, [&](size_t i) {
        if (i == 70'000) throw std::runtime_error("70,000 is too many");
        return Counted(live);
      });
    };
    EXPECT_THROW((void)create(), std::runtime_error);
    EXPECT_EQ(live.load(), 0);
  });
}

TYPED_TEST(NodeArray, OfNothingAndOfTooMuch) {
  this->With(this->Live(), 2, [](BasicScheduler<TypeParam>& scheduler) {
    auto empty = BasicNodeArray<TypeParam, int>::Create(scheduler, 0);
    ASSERT_TRUE(empty.ok());
    EXPECT_EQ(empty->size(), 0u);
    EXPECT_EQ(empty->begin(), empty->end());
    EXPECT_EQ(empty->Check().right, 0u);
    empty->ForEach([](int&) { FAIL(); });
    for (const size_t count : {~size_t{0}, size_t{1} << 58}) {
      EXPECT_EQ((BasicNodeArray<TypeParam, int>::Create(scheduler, count).status().code()),
                absl::StatusCode::kResourceExhausted);
    }
  });
}

TYPED_TEST(NodeArray, HomesAreWhereTasksShouldGo) {
  this->With(this->Live(), 8, [](BasicScheduler<TypeParam>& scheduler) {
    auto array = BasicNodeArray<TypeParam, uint64_t>::Create(scheduler, 100'000);
    ASSERT_TRUE(array.ok());
    for (const Stretch& stretch : array->stretches()) {
      const NodeId home = scheduler.HomeOf(&(*array)[stretch.first]);
      if (home.valid() || TypeParam::kSimulated) {
        EXPECT_EQ(home, stretch.node);
      }
    }
  });
}

TEST(NodeArrayInTheRealWorld, SaysThatAnotherMachinesNodesAreUnknown) {
  auto scheduler =
      BasicScheduler<RealWorld>::Create({.workers = 4, .topology = Machine("numa:2 core:2 pu:1")});
  ASSERT_TRUE(scheduler.ok());
  auto array = BasicNodeArray<RealWorld, int>::Create(**scheduler, 100'000);
  ASSERT_TRUE(array.ok());
  const ArrayPages pages = array->Check();
  EXPECT_FALSE(pages.granted);
  EXPECT_EQ(pages.why, "not this machine's topology");
  EXPECT_EQ(pages.unknown, 98u);
  EXPECT_EQ(array->Migrate(0, NodeId(1)).why, "not this machine's topology");
  EXPECT_EQ(array->NodeOf(0), NodeId(1));
}

}  // namespace
}  // namespace tally
