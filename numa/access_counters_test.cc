#include "numa/access_counters.h"

#include <linux/perf_event.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "numa/access_events.h"
#include "numa/perf_events.h"

namespace tally {
namespace {

using ::testing::HasSubstr;

constexpr CpuIdentity kMilan = {CpuIdentity::Vendor::kAmd, 0x19, 0x01};
constexpr CpuIdentity kIceLake = {CpuIdentity::Vendor::kIntel, 6, 0x6a};
constexpr CpuIdentity kBroadwell = {CpuIdentity::Vendor::kIntel, 6, 0x4f};
constexpr CpuIdentity kLaptop = {CpuIdentity::Vendor::kIntel, 6, 0x9a};
constexpr CpuIdentity kArm = {};

// A kernel that grants the events it has a reading for, and remembers what is open.
class FakePerf : public PerfEvents {
 public:
  void Grant(uint64_t config, PerfReading reading, uint32_t type = PERF_TYPE_RAW) {
    granted_[{type, config}] = reading;
  }
  // After so many more openings, no more descriptors.
  void RunOutAfter(int openings) { openings_left_ = openings; }
  void RefuseWith(int error) { error_ = error; }
  size_t open() const { return open_.size(); }

  int Open(const PerfEvent& event) override {
    const auto found = granted_.find({event.type, event.config});
    if (found == granted_.end()) return -error_;
    if (openings_left_-- == 0) return -EMFILE;
    open_[next_] = found->second;
    return next_++;
  }
  bool Read(int descriptor, PerfReading* reading) override {
    const auto found = open_.find(descriptor);
    if (found == open_.end()) return false;
    *reading = found->second;
    return true;
  }
  void Close(int descriptor) override { EXPECT_EQ(open_.erase(descriptor), 1u); }

 private:
  std::map<std::pair<uint32_t, uint64_t>, PerfReading> granted_;
  std::map<int, PerfReading> open_;
  int next_ = 0;  // 0 is a descriptor like any other
  int error_ = ENOENT;
  int openings_left_ = 1 << 20;
};

constexpr PerfReading Full(uint64_t value) { return {value, 1000, 1000}; }

TEST(AccessEvents, AreThoseOfTheProcessorThenTheGenericOnes) {
  struct Row {
    CpuIdentity cpu;
    uint64_t remote;  // raw config; 0: only the generic events
  };
  for (const Row& row : {Row{kMilan, 0x5043}, Row{{CpuIdentity::Vendor::kAmd, 0x17, 0x31}, 0x5043},
                         Row{{CpuIdentity::Vendor::kAmd, 0x1a, 0x02}, 0x5043},
                         Row{{CpuIdentity::Vendor::kAmd, 0x15, 0x02}, 0}, Row{kIceLake, 0x02d3},
                         Row{{CpuIdentity::Vendor::kIntel, 6, 0x55}, 0x02d3},
                         Row{kBroadwell, 0x04d3}, Row{kLaptop, 0}, Row{kArm, 0}}) {
    const std::vector<AccessEvents> ways = AccessEventsFor(row.cpu);
    ASSERT_EQ(ways.size(), row.remote == 0 ? 1u : 2u) << row.cpu.family << " " << row.cpu.model;
    if (row.remote != 0) {
      EXPECT_EQ(ways[0].remote, (PerfEvent{PERF_TYPE_RAW, row.remote}));
      EXPECT_TRUE(ways[0].local.has_value());
    }
    // As `perf list` writes it: node-load-misses.
    EXPECT_EQ(ways.back().remote, (PerfEvent{PERF_TYPE_HW_CACHE, 6 | 0 << 8 | 1 << 16}));
    EXPECT_FALSE(ways.back().local.has_value());
  }
}

TEST(AccessCounters, AddUpLocalAndRemoteOfEveryThread) {
  FakePerf perf;
  perf.Grant(0x5043, Full(7));
  perf.Grant(0x0843, Full(1000));
  perf.Grant(0x5f43, Full(9999));
  {
    AccessCounters counters(2, kMilan, perf);
    EXPECT_EQ(perf.open(), 0u) << "what was tried is closed again";
    counters.Start(0);
    std::thread([&] { counters.Start(1); }).join();
    const AccessReport report = counters.Read();
    ASSERT_TRUE(report.counted()) << report.why_not;
    EXPECT_THAT(report.source, HasSubstr("AMD demand fills"));
    ASSERT_EQ(report.threads.size(), 2u);
    EXPECT_EQ(report.threads[1].remote, 7u);
    EXPECT_EQ(report.total.remote, 14u);
    EXPECT_EQ(report.total.local, 2000u);
    EXPECT_EQ(report.enabled_ns, 6000u);
    EXPECT_EQ(report.running_ns, 6000u);
  }
  EXPECT_EQ(perf.open(), 0u);
}

TEST(AccessCounters, MultiplexedCountsAreScaledAndSaid) {
  FakePerf perf;
  perf.Grant(0x02d3, {50, 1000, 250});
  perf.Grant(0x01d3, {50, 1000, 500});
  perf.Grant(0x81d0, Full(1));
  AccessCounters counters(1, kIceLake, perf);
  counters.Start(0);
  const AccessReport report = counters.Read();
  EXPECT_EQ(report.total.remote, 200u);
  EXPECT_EQ(report.total.local, 100u);
  EXPECT_EQ(report.enabled_ns, 3000u);
  EXPECT_EQ(report.running_ns, 1750u);
}

TEST(AccessCounters, ACountThatNeverHadItsTurnIsNoCount) {
  FakePerf perf;
  perf.Grant(0x5043, {0, 1000, 0});
  perf.Grant(0x0843, Full(1000));
  perf.Grant(0x5f43, Full(9999));
  AccessCounters counters(1, kMilan, perf);
  counters.Start(0);
  EXPECT_FALSE(counters.Read().counted());
  EXPECT_THAT(counters.Read().why_not, HasSubstr("never given its turn"));
}

TEST(AccessCounters, ZeroIsBelievedOnlyOfCountersThatCount) {
  FakePerf dead;
  for (const uint64_t config : {0x5043, 0x0843, 0x5f43}) dead.Grant(config, Full(0));
  AccessCounters none(1, kMilan, dead);
  none.Start(0);
  EXPECT_FALSE(none.Read().counted());
  EXPECT_THAT(none.Read().why_not, HasSubstr("the counters do not count"));

  FakePerf alive;
  for (const uint64_t config : {0x5043, 0x0843}) alive.Grant(config, Full(0));
  alive.Grant(0x5f43, Full(5));
  AccessCounters zero(1, kMilan, alive);
  zero.Start(0);
  ASSERT_TRUE(zero.Read().counted());
  EXPECT_EQ(zero.Read().total.remote, 0u);
}

TEST(AccessCounters, TheGenericEventsAreNextAndDoNotTellWhatIsLocal) {
  FakePerf perf;
  perf.Grant(6 | 1 << 16, Full(3), PERF_TYPE_HW_CACHE);
  perf.Grant(PERF_COUNT_HW_INSTRUCTIONS, Full(100), PERF_TYPE_HARDWARE);
  AccessCounters counters(1, kBroadwell, perf);
  counters.Start(0);
  const AccessReport report = counters.Read();
  EXPECT_EQ(report.source, "the kernel's node-load-misses");
  EXPECT_EQ(report.total.remote, 3u);
  EXPECT_FALSE(report.total.local.has_value());
}

TEST(AccessCounters, WhatIsRefusedIsSaidWithItsReason) {
  struct Row {
    int error;
    const char* words;
  };
  for (const Row& row : {Row{EPERM, "seccomp"}, Row{EACCES, "perf_event_paranoid"},
                         Row{ENOENT, "no such counters"}, Row{ENOSYS, "no perf events"}}) {
    FakePerf perf;
    perf.RefuseWith(row.error);
    AccessCounters counters(1, kMilan, perf);
    counters.Start(0);
    const AccessReport report = counters.Read();
    EXPECT_FALSE(report.counted());
    EXPECT_TRUE(report.threads.empty());
    EXPECT_THAT(report.why_not, HasSubstr(row.words));
  }
}

TEST(AccessCounters, AThreadThatIsNotCountedMakesTheWholeCountUnknown) {
  FakePerf perf;
  for (const uint64_t config : {0x5043, 0x0843, 0x5f43}) perf.Grant(config, Full(5));
  perf.RunOutAfter(3 + 3 + 1);  // trying, thread 0, and one event of thread 1
  AccessCounters counters(2, kMilan, perf);
  counters.Start(0);
  EXPECT_THAT(counters.Read().why_not, HasSubstr("did not start counting"));
  counters.Start(1);
  EXPECT_FALSE(counters.Read().counted());
  EXPECT_THAT(counters.Read().why_not, HasSubstr("Too many open files"));
}

// On the machine at hand: either there is a count, or a reason why not.
TEST(AccessCounters, ThisMachineCountsOrSaysWhyNot) {
  AccessCounters counters(1);
  counters.Start(0);
  const AccessReport report = counters.Read();
  EXPECT_NE(report.counted(), !report.why_not.empty()) << report.source << report.why_not;
  EXPECT_EQ(report.threads.size(), report.counted() ? 1u : 0u);
}

}  // namespace
}  // namespace tally
