#include "scheduler/world/real_world.h"

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <type_traits>

#include "gtest/gtest.h"
#include "scheduler/world/clock.h"

namespace tally {
namespace {

TEST(RealWorldTest, TheSeamAddsNoBytes) {
  static_assert(sizeof(RealWorld::Atomic<uint64_t>) == sizeof(std::atomic<uint64_t>));
  static_assert(sizeof(RealWorld::Plain<uint64_t>) == sizeof(uint64_t));
  static_assert(std::is_trivially_copyable_v<RealWorld::Plain<uint64_t>>);
  static_assert(std::is_empty_v<RealWorld::Line>);
}

TEST(RealWorldTest, ClockRunsAsFastAsTheKernels) {
  const int64_t kernel_start = internal::MonotonicNanos();
  const Nanos start = RealWorld::Now();
  while (internal::MonotonicNanos() - kernel_start < 20'000'000) {
  }
  const Nanos elapsed = RealWorld::Now() - start;
  const int64_t kernel_elapsed = internal::MonotonicNanos() - kernel_start;
  // Preemption between the two reads can only lengthen kernel_elapsed; 5% is far beyond the
  // calibration's error and far below a wrong unit.
  EXPECT_LE(elapsed, kernel_elapsed * 105 / 100);
  EXPECT_GE(elapsed, int64_t{20'000'000} * 95 / 100);
}

TEST(ParkerTest, ATokenGivenBeforeParkingIsNotLost) {
  RealWorld::Parker parker;
  parker.Unpark();
  parker.Unpark();  // tokens do not add up
  parker.Park();
  EXPECT_FALSE(parker.ParkUntil(RealWorld::Now() + 1'000'000)) << "the second token survived";
}

TEST(ParkerTest, ParkUntilReturnsAtItsDeadline) {
  RealWorld::Parker parker;
  const Nanos deadline = RealWorld::Now() + 2'000'000;
  EXPECT_FALSE(parker.ParkUntil(deadline));
  EXPECT_GE(RealWorld::Now(), deadline - 100'000);  // two clocks: TSC here, the kernel's there
  EXPECT_FALSE(parker.ParkUntil(RealWorld::Now() - 5)) << "a deadline in the past";
}

TEST(ParkerTest, EveryUnparkReleasesOnePark) {
  // Ping-pong: a lost token hangs, a doubled one breaks the alternation.
  constexpr int kRounds = 2000;
  RealWorld::Parker ping, pong;
  int turn = 0;
  RealWorld::Thread other;
  ASSERT_TRUE(other
                  .Start({.name = "pong"},
                         [&] {
                           for (int i = 0; i < kRounds; ++i) {
                             ping.Park();
                             EXPECT_EQ(turn, 1);
                             turn = 0;
                             pong.Unpark();
                           }
                         })
                  .ok());
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_EQ(turn, 0);
    turn = 1;
    ping.Unpark();
    pong.Park();
  }
  other.Join();
}

TEST(ThreadTest, CarriesItsNameAndItsOwnCurrentSlot) {
  int here = 0, there = 0;
  RealWorld::Current() = &here;
  std::string name;
  RealWorld::Thread thread;
  ASSERT_TRUE(thread
                  .Start({.name = "a-name-that-is-far-too-long"},
                         [&] {
                           EXPECT_EQ(RealWorld::Current(), nullptr);
                           RealWorld::Current() = &there;
                           char buffer[32];
                           pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
                           name = buffer;
                         })
                  .ok());
  thread.Join();
  EXPECT_EQ(name, "a-name-that-is-");
  EXPECT_EQ(RealWorld::Current(), &here);
  RealWorld::Current() = nullptr;
}

TEST(FenceTest, AsymmetricPairForbidsStoreBufferingOnBothSides) {
  // Dekker: with the pair in place, at least one side must see the other's store.
  struct Shared {
    [[no_unique_address]] RealWorld::Line line;
    alignas(RealWorld::kLineBytes) RealWorld::Atomic<int> x{line, 0};
    alignas(RealWorld::kLineBytes) RealWorld::Atomic<int> y{line, 0};
    alignas(RealWorld::kLineBytes) RealWorld::Atomic<int> round{line, 0};
    RealWorld::Atomic<int> done{line, 0};
  } shared;
  constexpr int kRounds = 1000;
  constexpr auto relaxed = std::memory_order_relaxed;
  int light_saw = -1;
  RealWorld::Thread light;
  ASSERT_TRUE(light
                  .Start({.name = "light"},
                         [&] {
                           for (int i = 1; i <= kRounds; ++i) {
                             // acquire: pairs with the release store of `round` below.
                             while (shared.round.load(std::memory_order_acquire) != i) {
                               RealWorld::SpinPause();
                             }
                             shared.x.store(i, relaxed);
                             RealWorld::LightFence();
                             light_saw = shared.y.load(relaxed);
                             // release: pairs with the acquire of `done` below.
                             shared.done.store(i, std::memory_order_release);
                           }
                         })
                  .ok());
  int missed = 0;
  for (int i = 1; i <= kRounds; ++i) {
    shared.round.store(i, std::memory_order_release);
    shared.y.store(i, relaxed);
    RealWorld::HeavyFence();
    const int heavy_saw = shared.x.load(relaxed);
    while (shared.done.load(std::memory_order_acquire) != i) RealWorld::SpinPause();
    if (heavy_saw != i && light_saw != i) ++missed;
  }
  light.Join();
  EXPECT_EQ(missed, 0);
}

TEST(MemoryTest, IsZeroedAndWritable) {
  RealWorld::Memory memory(1 << 20);
  ASSERT_NE(memory.data(), nullptr);
  EXPECT_EQ(memory.data()[12345], std::byte{0});
  memory.data()[memory.size() - 1] = std::byte{7};
}

TEST(MemoryTest, MoreThanTheMachineHasIsNullNotAnAbort) {
  RealWorld::Memory memory(size_t{1} << 62);
  EXPECT_EQ(memory.data(), nullptr);
}

}  // namespace
}  // namespace tally
