// The monitor on a kernel that reports, refuses, and takes files away.
#include "numa/memory_pressure.h"

#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_machine.h"

namespace tally {
namespace {

constexpr char kSystem[] = "/proc/pressure/memory", kStalls[] = "/cg/memory.pressure",
               kEvents[] = "/cg/memory.events";
constexpr char kCalm[] = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
constexpr char kNoEvents[] = "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n";

// What the test and the fake kernel share: it outlives the monitor.
struct Script {
  std::mutex mutex;
  std::condition_variable change;
  std::map<std::string, std::string> files = {
      {kSystem, kCalm}, {kStalls, kCalm}, {kEvents, kNoEvents}};
  std::map<std::string, int> refused;  // path -> errno
  std::map<int, std::string> handles;  // watched
  int next_handle = 100, report = -1;
  bool interrupted = false, turn = false, idle = false;
  bool waits_for_ever = false;  // what the last Wait() asked for
  size_t waits_on = 0;          // handles
  Nanos now = 0;

  int HandleOf(const std::string& path) {
    for (const auto& [handle, watched] : handles) {
      if (watched == path) return handle;
    }
    return -1;
  }
  // Once the monitor waits: changes a file, then has it report (or time pass).
  void Happens(const std::string& path, const std::string& text, bool reports) {
    std::unique_lock lock(mutex);
    change.wait(lock, [this] { return idle; });
    if (text.empty()) {
      files.erase(path);
    } else {
      files[path] = text;
    }
    now += 2'000'000'000;
    report = reports ? HandleOf(path) : -1;
    turn = true;
    idle = false;
    change.notify_all();
    change.wait(lock, [this] { return idle; });
  }
  template <class F>
  auto Locked(const F& look) {
    std::unique_lock lock(mutex);
    change.wait(lock, [this] { return idle; });
    return look();
  }
};

class ScriptedKernel final : public PressureKernel {
 public:
  explicit ScriptedKernel(Script& script) : script_(script) {}
  Nanos Now() override {
    const std::lock_guard lock(script_.mutex);
    return script_.now;
  }
  std::optional<std::string> Read(const std::string& path) override {
    const std::lock_guard lock(script_.mutex);
    const auto found = script_.files.find(path);
    if (found == script_.files.end()) return std::nullopt;
    return found->second;
  }
  int Watch(const std::string& path, const std::string& trigger) override {
    const std::lock_guard lock(script_.mutex);
    EXPECT_EQ(trigger.empty(), path == kEvents);
    if (script_.refused.contains(path)) return -script_.refused[path];
    script_.handles[++script_.next_handle] = path;
    return script_.next_handle;
  }
  void Unwatch(int handle) override {
    const std::lock_guard lock(script_.mutex);
    EXPECT_EQ(script_.handles.erase(handle), 1u);
  }
  int Wait(std::span<const int> handles, Nanos timeout) override {
    std::unique_lock lock(script_.mutex);
    script_.waits_for_ever = timeout < 0;
    script_.waits_on = handles.size();
    script_.idle = true;
    script_.change.notify_all();
    script_.change.wait(lock, [this] { return script_.turn || script_.interrupted; });
    script_.turn = false;
    return script_.report;
  }
  void Interrupt() override {
    const std::lock_guard lock(script_.mutex);
    script_.interrupted = true;
    script_.change.notify_all();
  }

 private:
  Script& script_;
};

struct Ground {
  void Start(std::vector<SlabPool*> pools = {}) {
    monitor = MemoryPressure::Start({.pools = std::move(pools),
                                     .on_pressure =
                                         [this](const PressureEvent& event) {
                                           const std::lock_guard lock(script.mutex);
                                           events.push_back(event);
                                         },
                                     .cgroup_folder = "/cg"},
                                    std::make_unique<ScriptedKernel>(script));
  }
  std::vector<PressureEvent> Events() {
    return script.Locked([this] { return events; });
  }
  Script script;
  std::vector<PressureEvent> events;
  std::unique_ptr<MemoryPressure> monitor;
};

TEST(MemoryPressure, SleepsUntilTheKernelReportsThenLooksUntilItIsOver) {
  Ground ground;
  ground.Start();
  EXPECT_EQ(ground.monitor->sources(),
            (std::vector<std::string>{
                "/proc/pressure/memory: the kernel reports 150 ms of stalls within 2 s",
                "/cg/memory.pressure: the kernel reports 150 ms of stalls within 2 s",
                "/cg/memory.events: the kernel reports changes"}));
  ground.script.Locked([&] {
    EXPECT_TRUE(ground.script.waits_for_ever);
    EXPECT_EQ(ground.script.waits_on, 3u);
    return 0;
  });
  ground.script.Happens(kSystem, "some avg10=9.00 total=200000\n", true);
  ASSERT_EQ(ground.Events().size(), 1u);
  EXPECT_EQ(ground.events[0].level, PressureLevel::kSome);
  EXPECT_EQ(ground.events[0].why, "tasks waited for memory 10.0 % of the time");
  EXPECT_EQ(ground.monitor->level(), PressureLevel::kSome);
  // Reports may come by the thousand: they wait for the next turn.
  ground.script.Locked([&] {
    EXPECT_FALSE(ground.script.waits_for_ever);
    EXPECT_EQ(ground.script.waits_on, 0u);
    return 0;
  });
  ground.script.Happens(kEvents, "low 0\nhigh 0\nmax 2\noom 0\noom_kill 0\n", false);
  ASSERT_EQ(ground.Events().size(), 2u);
  EXPECT_EQ(ground.events[1].level, PressureLevel::kHigh);
  EXPECT_EQ(ground.events[1].why, "the cgroup met its limit memory.max 2 times");
  ground.script.Happens(kSystem, "some avg10=1.00 total=200000\n", false);
  ASSERT_EQ(ground.Events().size(), 3u);
  EXPECT_EQ(ground.events[2].level, PressureLevel::kNone);
  ground.script.Locked([&] {
    EXPECT_TRUE(ground.script.waits_for_ever);
    return 0;
  });
  EXPECT_EQ(ground.monitor->events(), 2u);
  ground.monitor.reset();
  EXPECT_TRUE(ground.script.handles.empty());
}

TEST(MemoryPressure, ReadsInTurnWhatTheKernelDoesNotReport) {
  Ground ground;
  ground.script.refused = {{kSystem, EPERM}, {kStalls, EINVAL}, {kEvents, EPERM}};
  ground.Start();
  EXPECT_EQ(
      ground.monitor->sources()[0],
      "/proc/pressure/memory: read every 2 s, for the kernel refused to report: Operation not "
      "permitted");
  ground.script.Locked([&] {
    EXPECT_FALSE(ground.script.waits_for_ever);
    return 0;
  });
  ground.script.Happens(kStalls, kCalm, false);
  EXPECT_TRUE(ground.Events().empty());
  ground.script.Happens(kStalls, "some avg10=0.00 total=300000\nfull avg10=0.00 total=300000\n",
                        false);
  ASSERT_EQ(ground.Events().size(), 1u);
  EXPECT_EQ(ground.events[0].why, "nothing ran for want of memory 15.0 % of the time");
}

TEST(MemoryPressure, HandsEmptySlabsBack) {
  SlabPool pool(FakeMachine({0}));
  const CellChain cells = pool.Take(NodeId(0), SlabPool::SizeClassOf(64), 1024);
  pool.Return(cells);
  void* const kept = pool.Allocate(NodeId(0), 4000);
  std::memset(kept, 7, 4000);
  Ground ground;
  ground.Start({&pool});
  ground.script.Happens(kEvents, "low 0\nhigh 1\nmax 0\noom 0\noom_kill 0\n", true);
  ASSERT_EQ(ground.Events().size(), 1u);
  EXPECT_EQ(ground.events[0].bytes_handed_back, 65536u);
  EXPECT_EQ(pool.Stats()[0].bytes_handed_back, 65536u);
  EXPECT_EQ(static_cast<char*>(kept)[3999], 7);
  ground.monitor.reset();
}

TEST(MemoryPressure, LetsGoOfAFileWhoseCgroupIsGone) {
  Ground ground;
  ground.Start();
  ground.script.Happens(kEvents, "", true);
  EXPECT_TRUE(ground.Events().empty());
  ground.script.Locked([&] {
    EXPECT_EQ(ground.script.handles.size(), 2u);
    EXPECT_EQ(ground.script.waits_on, 2u);
    return 0;
  });
}

TEST(MemoryPressure, SaysThatNothingIsSaid) {
  Ground ground;
  ground.script.files.clear();
  ground.Start();
  EXPECT_EQ(ground.monitor->sources(),
            std::vector<std::string>{"this kernel says nothing about memory pressure"});
}

// Whatever this machine has: it starts, names its sources, and ends at once.
TEST(MemoryPressure, RunsOnThisMachine) {
  const std::unique_ptr<MemoryPressure> monitor = MemoryPressure::Start({});
  EXPECT_FALSE(monitor->sources().empty());
  for (const std::string& source : monitor->sources()) std::puts(source.c_str());
}

}  // namespace
}  // namespace tally
