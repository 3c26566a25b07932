// On machines with several nodes and kernels that refuse, narrow, spill or lie.
#include "numa/memory_policy.h"

#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"

namespace tally {
namespace {

constexpr size_t kPages = 16;

// Sixteen pages on a machine with the kernel's nodes 0, 1 and 33.
struct Ground {
  Ground() : bytes(kPages * kernel.PageBytes()), at(static_cast<char*>(kernel.Map(bytes))) {}
  ~Ground() { kernel.Unmap(at, bytes); }
  void Touch(int on_node) {
    kernel.running_on = on_node;
    std::memset(at, 1, bytes);
    ResidenceOf(machine, at, bytes, kernel);  // the fake decides when it is asked
  }
  MemoryBinding Bind(MemoryRequest request) {
    return BindMemory(machine, at, bytes, std::move(request), kernel);
  }
  MemoryBinding Check(const MemoryRequest& request) {
    return CheckMemory(machine, at, bytes, request, kernel);
  }
  std::vector<uint64_t> OnNode() { return ResidenceOf(machine, at, bytes, kernel).on_node; }

  Topology machine = FakeMachine({0, 1, 33});
  FakeKernelMemory kernel{{0, 1, 33}};
  size_t bytes;
  char* at;
};

TEST(BindMemory, GivesEachModeToUntouchedMemoryAndTheTouchedPagesFollow) {
  const struct {
    MemoryRequest request;
    std::vector<uint64_t> on_node;
  } rows[] = {
      {{MemoryMode::kPreferred, {NodeId(2)}}, {0, 0, 16}},
      {{MemoryMode::kBind, {NodeId(1)}}, {0, 16, 0}},
      {{MemoryMode::kPreferred, {NodeId(1), NodeId(2)}}, {0, 16, 0}},
      {{MemoryMode::kInterleave, {NodeId(0), NodeId(2)}}, {8, 0, 8}},
      {{MemoryMode::kWeightedInterleave, {NodeId(0), NodeId(1)}}, {8, 8, 0}},
      {{MemoryMode::kFirstTouch, {}}, {16, 0, 0}},
  };
  for (const auto& row : rows) {
    Ground ground;
    const MemoryBinding binding = ground.Bind(row.request);
    EXPECT_TRUE(binding.granted) << binding.why;
    EXPECT_EQ(binding.pages_absent, kPages);
    EXPECT_EQ(binding.granted_mode, row.request.mode);
    EXPECT_EQ(binding.granted_nodes, row.request.nodes);
    ground.Touch(0);
    const MemoryBinding after = ground.Check(row.request);
    EXPECT_TRUE(after.granted) << after.why;
    EXPECT_EQ(after.pages_right, kPages);
    EXPECT_EQ(after.pages_absent, 0u);
    EXPECT_EQ(ground.OnNode(), row.on_node) << MemoryModeName(row.request.mode);
  }
}

TEST(BindMemory, MovesWhatIsThere) {
  Ground ground;
  ground.Touch(0);
  const MemoryBinding binding = ground.Bind({MemoryMode::kPreferred, {NodeId(2)}});
  EXPECT_TRUE(binding.granted) << binding.why;
  EXPECT_EQ(binding.pages_right, kPages);
  EXPECT_EQ(ground.OnNode(), (std::vector<uint64_t>{0, 0, kPages}));
}

// Each row: what is wrong with the kernel, what is asked, and what Tally says.
TEST(BindMemory, WhatIsNotGrantedIsSaid) {
  const MemoryRequest prefer_2{MemoryMode::kPreferred, {NodeId(2)}};
  const struct {
    const char* intent;
    std::function<void(Ground&)> spoil;
    MemoryRequest request;
    const char* why;
  } rows[] = {
      {"seccomp on mbind", [](Ground& g) { g.kernel.set_policy_error = EPERM; }, prefer_2,
       "the kernel refused: Operation not permitted (a container's seccomp filter?)"},
      {"no mbind", [](Ground& g) { g.kernel.set_policy_error = ENOSYS; }, prefer_2,
       "the kernel refused: Function not implemented"},
      {"no memory for the policy", [](Ground& g) { g.kernel.set_policy_error = ENOMEM; }, prefer_2,
       "the kernel refused: Cannot allocate memory"},
      {"success, and nothing done", [](Ground& g) { g.kernel.set_policy_lies = true; }, prefer_2,
       "the kernel says first touch"},
      {"success, nothing done, and no word about the policy",
       [](Ground& g) {
         g.kernel.set_policy_lies = true;
         g.kernel.get_policy_error = EPERM;
       },
       prefer_2,
       "the kernel does not say what it granted: Operation not permitted (a container's seccomp "
       "filter?)"},
      {"the cpuset forbids the node", [](Ground& g) { g.kernel.allowed.Remove(33); }, prefer_2,
       "the cpuset of this process does not allow node 2 (the kernel's 33)"},
      {"the cpuset forbids one of two: silently narrowed",
       [](Ground& g) { g.kernel.allowed.Remove(33); },
       {MemoryMode::kBind, {NodeId(1), NodeId(2)}},
       "the cpuset of this process does not allow node 2 (the kernel's 33): the kernel granted "
       "node 1"},
      {"an old kernel",
       [](Ground& g) { g.kernel.before_6_9 = true; },
       {MemoryMode::kWeightedInterleave, {NodeId(0), NodeId(1)}},
       "this kernel cannot weigh nodes (Linux 6.9 can): interleaved evenly"},
      {"an older kernel",
       [](Ground& g) { g.kernel.before_5_15 = true; },
       {MemoryMode::kPreferred, {NodeId(1), NodeId(2)}},
       "this kernel prefers one node only (Linux 5.15 can prefer several): node 1"},
      {"the node is full", [](Ground& g) { g.kernel.full.Add(33); }, prefer_2,
       "16 of 16 pages are on other nodes (no room, or nobody moved them)"},
      {"nobody may ask where pages are", [](Ground& g) { g.kernel.query_error = EPERM; }, prefer_2,
       "the kernel does not say where pages are: Operation not permitted"},
      {"another machine", [](Ground& g) { g.machine = *Topology::FromSpec("numa:3 pu:1"); },
       prefer_2, "not this machine's topology"},
  };
  for (const auto& row : rows) {
    Ground ground;
    ground.Touch(0);
    row.spoil(ground);
    const MemoryBinding binding = ground.Bind(row.request);
    EXPECT_EQ(binding.why, row.why) << row.intent;
    EXPECT_FALSE(binding.granted) << row.intent;
    EXPECT_FALSE(ground.kernel.killed) << row.intent;
    for (size_t i = 0; i < ground.bytes; ++i) ASSERT_EQ(ground.at[i], 1);
  }
}

TEST(BindMemory, PreferredSpillsAndSaysHowMuch) {
  Ground ground;
  const MemoryRequest request{MemoryMode::kPreferred, {NodeId(2)}};
  EXPECT_TRUE(ground.Bind(request).granted);
  std::memset(ground.at, 1, ground.bytes / 4);
  ground.Check(request);
  ground.kernel.full.Add(33);
  std::memset(ground.at, 1, ground.bytes);
  const MemoryBinding after = ground.Check(request);
  EXPECT_EQ(after.pages_right, kPages / 4);
  EXPECT_EQ(after.pages_wrong, 3 * kPages / 4);
  EXPECT_EQ(after.why, "12 of 16 pages are on other nodes (no room, or nobody moved them)");
  EXPECT_FALSE(ground.kernel.killed);
}

TEST(BindMemory, LeavesPartsOfPagesAlone) {
  Ground ground;
  ground.Touch(0);
  const size_t page = ground.kernel.PageBytes();
  const MemoryBinding binding = BindMemory(ground.machine, ground.at + 100, 3 * page,
                                           {MemoryMode::kPreferred, {NodeId(1)}}, ground.kernel);
  EXPECT_EQ(binding.pages_right, 2u);
  EXPECT_EQ(ground.OnNode(), (std::vector<uint64_t>{kPages - 2, 2, 0}));
  EXPECT_EQ(BindMemory(ground.machine, ground.at + 100, page, {MemoryMode::kFirstTouch, {}},
                       ground.kernel)
                .why,
            "no whole page in that memory");
}

TEST(CheckMemory, NoticesThatTheCpusetHasChanged) {
  Ground ground;
  const MemoryRequest request{MemoryMode::kBind, {NodeId(2)}};
  EXPECT_TRUE(ground.Bind(request).granted);
  ground.Touch(0);
  EXPECT_TRUE(ground.Check(request).granted);
  ground.kernel.ChangeCpuset({0, 1});
  const MemoryBinding after = ground.Check(request);
  EXPECT_EQ(
      after.why,
      "the cpuset of this process does not allow node 2 (the kernel's 33): the kernel granted "
      "node 0");
  EXPECT_EQ(after.pages_wrong, kPages);
  // And when the node is back, binding again brings the pages back.
  ground.kernel.ChangeCpuset({0, 1, 33});
  EXPECT_TRUE(ground.Bind(request).granted);
  EXPECT_EQ(ground.OnNode(), (std::vector<uint64_t>{0, 0, kPages}));
}

TEST(MigrateMemory, MovesPagesAndPrefersTheNodeForThoseToCome) {
  Ground ground;
  ground.kernel.running_on = 1;
  std::memset(ground.at, 1, ground.bytes / 2);
  ResidenceOf(ground.machine, ground.at, ground.bytes, ground.kernel);
  const MemoryBinding moved =
      MigrateMemory(ground.machine, ground.at, ground.bytes, NodeId(2), ground.kernel);
  EXPECT_TRUE(moved.granted) << moved.why;
  EXPECT_EQ(moved.pages_right, kPages / 2);
  EXPECT_EQ(moved.pages_absent, kPages / 2);
  ground.Touch(1);
  EXPECT_EQ(ground.OnNode(), (std::vector<uint64_t>{0, 0, kPages}));
}

// The kernel answers ENOMEM, leaves the status array alone, and has moved some pages all the same.
TEST(MigrateMemory, CountsAgainAfterAFailure) {
  Ground ground;
  ground.Touch(0);
  ground.kernel.room_on_33 = 5;
  const MemoryBinding moved =
      MigrateMemory(ground.machine, ground.at, ground.bytes, NodeId(2), ground.kernel);
  EXPECT_FALSE(moved.granted);
  EXPECT_EQ(moved.pages_right, 5u);
  EXPECT_EQ(moved.pages_wrong, 11u);
  EXPECT_EQ(moved.why, "the kernel stopped moving pages: Cannot allocate memory; 11 are elsewhere");
}

TEST(MigrateMemory, SaysWhyItMayNot) {
  Ground ground;
  ground.Touch(0);
  ground.kernel.move_error = EPERM;
  ground.kernel.query_error = EPERM;
  EXPECT_EQ(
      MigrateMemory(ground.machine, ground.at, ground.bytes, NodeId(2), ground.kernel).why,
      "the kernel stopped moving pages: Operation not permitted (a container's seccomp filter?)");
}

TEST(BindMemory, OneNodeIsGrantedWithoutAsking) {
  Ground ground;
  ground.kernel.set_policy_error = EPERM;
  const MemoryBinding binding = BindMemory(FakeMachine({0}), ground.at, ground.bytes,
                                           {MemoryMode::kInterleave, {NodeId(0)}}, ground.kernel);
  EXPECT_TRUE(binding.granted) << binding.why;
  EXPECT_EQ(ground.kernel.policies_set, 0);
}

}  // namespace
}  // namespace tally
