#include "scheduler/concurrent/split_range.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/preempted_world.h"
#include "scheduler/world/real_world.h"

namespace tally {
namespace {

using Range = SplitRange<RealWorld>;
// Its thieves give the owner no time to answer: every theft goes by the heavy fence.
using ImpatientRange = SplitRange<RealWorld, 0>;

TEST(SplitRangeTest, TheOwnerTakesPiecesInOrder) {
  Range range;
  EXPECT_EQ(range.Left(), 0);
  Range::Owner owner(range, {3, 10});
  EXPECT_EQ(range.Left(), 7);
  EXPECT_EQ(owner.Take(1), (Pieces{3, 4}));
  EXPECT_EQ(owner.Take(4), (Pieces{4, 8}));
  EXPECT_EQ(range.Left(), 2);
  EXPECT_EQ(owner.Take(4), (Pieces{8, 10})) << "fewer, when fewer are left";
  EXPECT_TRUE(owner.Take(1).empty());
  EXPECT_EQ(range.Left(), 0);
}

TEST(SplitRangeTest, AThiefTakesTheUpperHalfOfAnOwnerThatDoesNotAnswer) {
  Range range;
  Range::Owner owner(range, {0, 10});
  EXPECT_EQ(owner.Take(1), (Pieces{0, 1}));
  Pieces stolen;
  ASSERT_EQ(range.Steal(stolen), Attempt::kTaken);
  EXPECT_EQ(stolen, (Pieces{5, 10})) << "of nine, five";
  ASSERT_EQ(range.Steal(stolen), Attempt::kTaken);
  EXPECT_EQ(stolen, (Pieces{3, 5}));
  ASSERT_EQ(range.Steal(stolen), Attempt::kTaken);
  EXPECT_EQ(stolen, (Pieces{2, 3}));
  ASSERT_EQ(range.Steal(stolen), Attempt::kTaken);
  EXPECT_EQ(stolen, (Pieces{1, 2})) << "also the last one that the owner has not begun";
  EXPECT_EQ(range.Steal(stolen), Attempt::kEmpty);
  EXPECT_TRUE(owner.Take(1).empty());
}

TEST(SplitRangeTest, AClosedOrCancelledRangeHasNothing) {
  Range range;
  Pieces stolen;
  EXPECT_EQ(range.Steal(stolen), Attempt::kEmpty);
  {
    Range::Owner owner(range, {0, 10});
    EXPECT_EQ(owner.Take(2), (Pieces{0, 2}));
    owner.Close();
    EXPECT_EQ(range.Left(), 0);
    EXPECT_EQ(range.Steal(stolen), Attempt::kEmpty);
    EXPECT_TRUE(owner.Take(1).empty());
  }
  Range::Owner owner(range, {20, 30});
  EXPECT_EQ(owner.Take(2), (Pieces{20, 22}));
  range.Cancel();
  EXPECT_EQ(range.Left(), 0);
  EXPECT_EQ(range.Steal(stolen), Attempt::kEmpty);
  EXPECT_TRUE(owner.Take(1).empty());
}

TEST(SplitRangeTest, TheFarthestPiecesCanBeTaken) {
  Range range;
  constexpr int64_t kEnd = Range::kMostPieces;
  Range::Owner owner(range, {kEnd - 5, kEnd});
  EXPECT_EQ(owner.Take(1), (Pieces{kEnd - 5, kEnd - 4}));
  Pieces stolen;
  ASSERT_EQ(range.Steal(stolen), Attempt::kTaken);
  EXPECT_EQ(stolen, (Pieces{kEnd - 2, kEnd}));
  EXPECT_EQ(owner.Take(kEnd), (Pieces{kEnd - 4, kEnd - 2}));
  EXPECT_TRUE(owner.Take(kEnd).empty());
}

// One range per thread; who has nothing robs the others. Each piece must be taken once.
template <class AnyRange>
class Storm {
 public:
  Storm(int threads, int64_t pieces) : ranges_(threads), taken_(pieces), left_(pieces) {}

  // `dwell(piece)` is called while the owner has the piece.
  template <class Dwell>
  void Rage(int64_t most, const Dwell& dwell) {
    std::vector<std::thread> threads;
    for (size_t me = 0; me < ranges_.size(); ++me) {
      threads.emplace_back([this, me, most, &dwell] {
        Pieces mine;
        if (me == 0) mine = {0, static_cast<int64_t>(taken_.size())};
        while (left_.load() > 0) {
          if (!mine.empty()) Work(ranges_[me], mine, most, dwell);
          mine = Rob(me);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (size_t piece = 0; piece < taken_.size(); ++piece) {
      ASSERT_EQ(taken_[piece].load(), 1) << "piece " << piece;
    }
  }

  int64_t thefts() const { return thefts_.load(); }
  int64_t left() const { return left_.load(); }

 private:
  template <class Dwell>
  void Work(AnyRange& range, Pieces mine, int64_t most, const Dwell& dwell) {
    typename AnyRange::Owner owner(range, mine);
    for (Pieces pieces = owner.Take(most); !pieces.empty(); pieces = owner.Take(most)) {
      for (int64_t piece = pieces.first; piece < pieces.last; ++piece) {
        dwell(piece);
        taken_[piece].fetch_add(1);
      }
      left_.fetch_sub(pieces.last - pieces.first);
    }
  }

  Pieces Rob(size_t me) {
    Pieces stolen;
    for (size_t i = 1; i < ranges_.size(); ++i) {
      AnyRange& victim = ranges_[(me + i) % ranges_.size()];
      if (victim.Left() == 0 || victim.Steal(stolen) != Attempt::kTaken) continue;
      thefts_.fetch_add(1);
      return stolen;
    }
    std::this_thread::yield();
    return {};
  }

  std::vector<AnyRange> ranges_;
  std::vector<std::atomic<int>> taken_;
  std::atomic<int64_t> left_;
  std::atomic<int64_t> thefts_{0};
};

TEST(SplitRangeTest, EachPieceIsTakenOnceInAStorm) {
  for (const int threads : {2, 3, 5}) {
    for (const int64_t most : {1, 7}) {
      Storm<Range> storm(threads, 30'000);
      storm.Rage(most, [](int64_t) {});
    }
  }
}

TEST(SplitRangeTest, EachPieceIsTakenOnceThoughOwnersAndThievesAreStopped) {
  for (int round = 0; round < 200; ++round) {
    Storm<SplitRange<PreemptedWorld, 0>> storm(3, 300);
    storm.Rage(1 + round % 3, [](int64_t) {});
  }
}

// The last pieces are where owner and thief meet, so: many short ranges.
TEST(SplitRangeTest, EachPieceIsTakenOnceByThievesThatDoNotWait) {
  int64_t thefts = 0;
  for (int round = 0; round < 1000; ++round) {
    Storm<ImpatientRange> storm(2, 40);
    storm.Rage(1 + round % 3, [](int64_t) {});
    thefts += storm.thefts();
  }
  // A busy machine may not run the thieves in time; so once the owner waits for them.
  Storm<ImpatientRange> storm(2, 30'000);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  storm.Rage(1, [&](int64_t piece) {
    if (piece != 0) return;
    while (storm.thefts() == 0 && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
  });
  thefts += storm.thefts();
  EXPECT_GT(thefts, 0);
}

TEST(SplitRangeTest, WhoeverSitsInAPieceAllOthersAreTaken) {
  for (const int64_t longest : {0, 17, 199}) {
    Storm<Range> storm(2, 200);
    storm.Rage(1, [&](int64_t piece) {
      while (piece == longest && storm.left() > 1) std::this_thread::yield();
    });
  }
}

}  // namespace
}  // namespace tally
