// The rules find what they are for, and leave alone what looks like it.

#include "tests/lint/house_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tally::lint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Violation> CheckOne(const std::string& path, const std::string& text) {
  return Check({{path, text}});
}

TEST(HouseRulesTest, WhatBreaksDeterminismIsFoundWhereDecisionsAreMade) {
  const struct {
    const char* code;
    const char* rule;
    const char* fix;
  } bad[] = {
      {"std::atomic<int> depth;", "std::atomic", "W::Atomic"},
      {"std::atomic_thread_fence(order);", "std::atomic", "W::Fence"},
      {"__atomic_load_n(&x, 0);", "std::atomic", "W::Atomic"},
      {"thread_local Worker* self;", "thread_local", "W::Current()"},
      {"std::mutex lock;", "a lock", "W::Parker"},
      {"std::lock_guard<M> hold(lock);", "a lock", "W::Parker"},
      {"std::condition_variable wake;", "a lock", "W::Parker"},
      {"std::thread worker;", "a thread", "W::Thread"},
      {"std::jthread worker;", "a thread", "W::Thread"},
      {"absl::Mutex lock;", "a lock", "W::Parker"},
      {"std::chrono::nanoseconds wait;", "a clock", "Nanos"},
      {"absl::Now();", "a clock", "Nanos"},
      {"usleep(1);", "a clock", "Nanos"},
      {"std::this_thread::yield();", "a clock", "Nanos"},
      {"std::uniform_int_distribution<> d;", "random", "our own generator"},
      {"std::mt19937_64 r(seed);", "random", "our own generator"},
      {"int x = rand() % n;", "random", "our own generator"},
      {"srand (7);", "random", "our own generator"},
      {"std::random_device entropy;", "random", "our own generator"},
      {"std::shuffle(a, b, r);", "random", "our own generator"},
      {"std::unordered_map<int, int> m;", "unordered", "sorted"},
      {"absl::flat_hash_set<int> s;", "unordered", "sorted"},
      {"std::hash<int>{}(x);", "unordered", "sorted"},
      {"std::map<const Task*, int> m;", "address", "by id"},
      {"std::set<Task *> s;", "address", "by id"},
      {"std::less<Task*> order;", "address", "by id"},
      {"volatile bool stop;", "volatile", "W::Atomic"},
      {"double latency_ns = 0;", "floating-point", "Nanos"},
      {"float now;", "floating-point", "Nanos"},
      {"double deadline_;", "floating-point", "Nanos"},
  };
  for (const auto& [code, rule, fix] : bad) {
    SCOPED_TRACE(code);
    for (const char* room : {"scheduler/policy/", "scheduler/concurrent/", "scheduler/runtime/"}) {
      EXPECT_THAT(
          CheckOne(std::string(room) + "x.h", std::string("\n\n") + code + "\n"),
          ElementsAre(AllOf(Field(&Violation::line, 3), Field(&Violation::rule, HasSubstr(rule)),
                            Field(&Violation::fix, HasSubstr(fix)))));
    }
    EXPECT_THAT(CheckOne("scheduler/world/real_world.h", code), IsEmpty());
    EXPECT_THAT(CheckOne("scheduler/runtime/worker_test.cc", code), IsEmpty());
  }
}

TEST(HouseRulesTest, WhatOnlyLooksLikeItIsLeftAlone) {
  for (const char* good : {
           "// std::mutex would block every fiber",
           "/* thread_local\n volatile */ int x;",
           "const char* name = \"std::atomic\";",
           "const char* text = R\"(rand() \" volatile)\";",
           "char quote = '\"'; typename W::template Atomic<int> a;",
           "int million = 1'000'000; // 'std::mutex'",
           "value.load(std::memory_order_acquire);",
           "Nanos timeout_ns; double ratio; double seconds_per_task_share;",
           "operand(x); my_rand_(x); brand(x);",
           "W::Thread thread; W::Parker parker;",
           "std::map<int, Task*> by_id; std::set<WorkerId> s;",
           "std::hashing; std::atomically;",
       }) {
    EXPECT_THAT(CheckOne("scheduler/runtime/x.cc", good), IsEmpty()) << good;
  }
}

TEST(HouseRulesTest, CodeAfterACommentOrAStringIsStillSeen) {
  for (const char* bad : {
           "/* fine */ volatile int x;",
           "const char* s = \"a\\\"b\"; volatile int x;",
           "char c = '\\''; volatile int x;",
           "auto s = R\"x(\" )\" )x\"; volatile int x;",
           "int m = 0xff'ff; volatile int x;",
           "#include \"a.h\"\nvolatile int x;",
       }) {
    EXPECT_THAT(CheckOne("scheduler/runtime/x.cc", bad), Not(IsEmpty())) << bad;
  }
}

TEST(HouseRulesTest, ArrowsPointOneWay) {
  const struct {
    const char* from;
    const char* to;
    bool allowed;
  } arrows[] = {
      {"numa/topology.cc", "scheduler/world/world.h", false},
      {"numa/topology.cc", "numa/ids.h", true},
      {"scheduler/world/real_world.h", "numa/ids.h", true},
      {"scheduler/world/real_world.h", "scheduler/policy/victim.h", false},
      {"scheduler/policy/victim.h", "scheduler/world/world.h", false},
      {"scheduler/concurrent/deque.h", "scheduler/world/world.h", true},
      {"scheduler/concurrent/deque.h", "scheduler/trace/ring.h", false},
      {"scheduler/trace/ring.h", "scheduler/runtime/worker.h", false},
      {"scheduler/runtime/worker.h", "scheduler/trace/ring.h", true},
      {"scheduler/scheduler.h", "sim/kernel.h", false},
      {"sim/kernel.cc", "scheduler/runtime/worker.h", true},
      {"sim/cli/main.cc", "viz/model/timeline.h", false},
      {"viz/model/timeline.cc", "viz/panels/theme.h", false},
      {"viz/panels/timeline.cc", "viz/app/window.h", false},
      {"viz/app/window.cc", "viz/panels/timeline.h", true},
      {"sim/kernel.cc", "tests/stress/storm.h", false},
      {"benchmarks/fib.cc", "viz/model/timeline.h", true},
      {"scheduler/concurrent/deque_test.cc", "sim/kernel.h", true},
  };
  for (const auto& [from, to, allowed] : arrows) {
    const auto found = CheckOne(from, std::string("#include \"") + to + "\"\n");
    EXPECT_EQ(found.empty(), allowed) << from << " -> " << to;
  }
}

TEST(HouseRulesTest, LibrariesStayInTheirRooms) {
  EXPECT_THAT(CheckOne("sim/machine.cc", "#include <hwloc.h>"),
              ElementsAre(Field(&Violation::fix, HasSubstr("Topology"))));
  EXPECT_THAT(CheckOne("numa/hwloc_topology.cc", "#include <hwloc.h>"), IsEmpty());
  EXPECT_THAT(CheckOne("viz/model/timeline.h", "#include \"imgui.h\""),
              ElementsAre(Field(&Violation::fix, HasSubstr("viz/panels/"))));
  EXPECT_THAT(CheckOne("viz/model/x.h", "#  include <backends/imgui_impl_opengl3.h>"),
              Not(IsEmpty()));
  EXPECT_THAT(CheckOne("viz/panels/timeline.cc", "#include \"imgui.h\""), IsEmpty());
  EXPECT_THAT(CheckOne("viz/panels/timeline.cc", "#include <GLFW/glfw3.h>"), Not(IsEmpty()));
  EXPECT_THAT(CheckOne("tests/gui/x.cc", "#include <EGL/egl.h>"), Not(IsEmpty()));
  EXPECT_THAT(CheckOne("tests/toolchain/x.cc", "#include <hwloc.h>"), IsEmpty());
  EXPECT_THAT(CheckOne("viz/model/x.h", "// #include \"imgui.h\""), IsEmpty());
}

TEST(HouseRulesTest, OneFileOwnsTheWindow) {
  const std::string glfw = "#include <GLFW/glfw3.h>\n";
  EXPECT_THAT(Check({{"viz/app/window.cc", glfw + glfw}}), IsEmpty());
  EXPECT_THAT(Check({{"viz/app/window.cc", glfw}, {"viz/app/keys.cc", glfw}}),
              ElementsAre(AllOf(Field(&Violation::path, "viz/app/window.cc"),
                                Field(&Violation::rule, HasSubstr("first in viz/app/keys.cc")))));
  const std::string hwloc = "#include <hwloc.h>\n";
  EXPECT_THAT(Check({{"numa/a.cc", hwloc}, {"numa/b.cc", hwloc}}), IsEmpty());
  EXPECT_THAT(Check({{"numa/a.cc", hwloc}, {"numa/b.cc", hwloc}, {"numa/c.cc", hwloc}}),
              Not(IsEmpty()));
}

TEST(HouseRulesTest, FoldersHaveNouns) {
  for (const char* path : {"scheduler/util/x.h", "sim/common/x.h", "base/x.h", "viz/utils/a/x.h"}) {
    EXPECT_THAT(CheckOne(path, ""), ElementsAre(Field(&Violation::line, 0))) << path;
  }
  EXPECT_THAT(CheckOne("scheduler/runtime/common.h", ""), IsEmpty());
  EXPECT_THAT(CheckOne("sim/database/x.h", ""), IsEmpty());
}

TEST(HouseRulesTest, AViolationReadsLikeACompilerErrorWithItsFix) {
  const auto found = CheckOne("scheduler/runtime/x.cc", "int a;\nvolatile int x;\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].ToString(),
              AllOf(HasSubstr("scheduler/runtime/x.cc:2: volatile"), HasSubstr("fix: use W::")));
}

}  // namespace
}  // namespace tally::lint
