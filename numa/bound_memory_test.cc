#include "numa/bound_memory.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"
#include "numa/ids.h"
#include "numa/node_buffer.h"
#include "numa/page_homes.h"

namespace tally {
namespace {

constexpr size_t kBytes = 40'000;  // 10 pages

class BoundMemoryTest : public testing::Test {
 protected:
  NodeBuffer Touched(MemoryRequest request) {
    NodeBuffer buffer = *NodeBuffer::Create(machine_, kBytes, std::move(request), kernel_);
    std::memset(buffer.data(), 1, buffer.size());
    return buffer;
  }
  std::vector<uint64_t> OnNode(const NodeBuffer& buffer) {
    return ResidenceOf(machine_, buffer.data(), buffer.size(), kernel_).on_node;
  }

  const Topology machine_ = FakeMachine({0, 1, 2});
  FakeKernelMemory kernel_{{0, 1, 2}};
};

TEST_F(BoundMemoryTest, IsBoundAgainOnceItsNodeIsGivenBack) {
  const NodeBuffer buffer = Touched({MemoryMode::kPreferred, {NodeId(2)}});
  ASSERT_EQ(OnNode(buffer), (std::vector<uint64_t>{0, 0, 10}));
  kernel_.ChangeCpuset({1});
  testing::internal::CaptureStderr();
  for (int look = 0; look < 3; ++look) RevalidateBoundMemory();
  const std::string lost = DescribeLostMemory();
  EXPECT_EQ(lost,
            "Since this process's memory nodes have changed, 1 memory binding is not as asked: the "
            "cpuset of this process does not allow node 2.");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tally: " + lost + "\n");
  EXPECT_EQ(OnNode(buffer), (std::vector<uint64_t>{0, 10, 0}));

  kernel_.ChangeCpuset({0, 1, 2});
  const uint64_t before = TimesMemoryWasBoundAgain();
  RevalidateBoundMemory();
  EXPECT_EQ(OnNode(buffer), (std::vector<uint64_t>{0, 0, 10}));
  EXPECT_EQ(DescribeLostMemory(), "");
  EXPECT_EQ(TimesMemoryWasBoundAgain(), before + 1);
}

TEST_F(BoundMemoryTest, WhatIsAsAskedStillIsLeftAlone) {
  const NodeBuffer here = Touched({MemoryMode::kBind, {NodeId(0)}});
  const NodeBuffer anywhere = Touched({MemoryMode::kFirstTouch, {}});
  ASSERT_EQ(OnNode(here)[0] + OnNode(anywhere)[0], 20u);
  kernel_.ChangeCpuset({0, 1});
  const int policies = kernel_.policies_set;
  const uint64_t before = TimesMemoryWasBoundAgain();
  RevalidateBoundMemory();
  EXPECT_EQ(kernel_.policies_set, policies);
  EXPECT_EQ(TimesMemoryWasBoundAgain(), before);
  EXPECT_EQ(DescribeLostMemory(), "");
}

TEST_F(BoundMemoryTest, WhereNothingHasChangedNoPageIsLookedAt) {
  const NodeBuffer buffer = Touched({MemoryMode::kPreferred, {NodeId(1)}});
  const int queries = kernel_.queries;
  for (int look = 0; look < 3; ++look) RevalidateBoundMemory();
  EXPECT_EQ(kernel_.queries, queries);
}

TEST_F(BoundMemoryTest, WhatIsAskedForLastIsWhatIsBoundAgain) {
  NodeBuffer buffer = Touched({MemoryMode::kPreferred, {NodeId(0)}});
  buffer.Migrate(NodeId(2));
  NodeBuffer moved = std::move(buffer);
  kernel_.ChangeCpuset({0});
  RevalidateBoundMemory();
  EXPECT_NE(DescribeLostMemory(), "");
  kernel_.ChangeCpuset({0, 2});
  RevalidateBoundMemory();
  EXPECT_EQ(OnNode(moved), (std::vector<uint64_t>{0, 0, 10}));
}

TEST_F(BoundMemoryTest, WhatIsGivenUpOrBoundElsewhereIsLostNoMore) {
  std::optional<NodeBuffer> one = Touched({MemoryMode::kPreferred, {NodeId(1)}});
  NodeBuffer two = Touched({MemoryMode::kPreferred, {NodeId(2)}});
  NodeBuffer three = Touched({MemoryMode::kPreferred, {NodeId(1)}});
  kernel_.ChangeCpuset({0});
  RevalidateBoundMemory();
  EXPECT_EQ(DescribeLostMemory(),
            "Since this process's memory nodes have changed, 3 memory bindings are not as asked, "
            "one of them because the cpuset of this process does not allow node 1.");
  one.reset();
  EXPECT_NE(DescribeLostMemory().find(" 2 memory bindings are"), std::string::npos);
  two.Migrate(NodeId(0));
  EXPECT_NE(DescribeLostMemory().find(" 1 memory binding is"), std::string::npos);
  three.Rebind();  // refused again
  EXPECT_NE(DescribeLostMemory().find(" 1 memory binding is"), std::string::npos);
  kernel_.ChangeCpuset({0, 1});
  three.Rebind();
  EXPECT_EQ(DescribeLostMemory(), "");
}

TEST_F(BoundMemoryTest, WhereTheKernelDoesNotSayWhichNodesItAllowsNothingIsAsked) {
  const NodeBuffer buffer = Touched({MemoryMode::kPreferred, {NodeId(2)}});
  kernel_.ChangeCpuset({1});
  kernel_.get_policy_error = EPERM;
  const int policies = kernel_.policies_set;
  RevalidateBoundMemory();
  EXPECT_EQ(kernel_.policies_set, policies);
  EXPECT_EQ(DescribeLostMemory(), "");
}

TEST_F(BoundMemoryTest, BuffersComeAndGoWhileTheListIsGoneOver) {
  std::thread looks([this] {
    for (int i = 0; i < 50; ++i) {
      kernel_.ChangeCpuset(i % 2 == 0 ? std::vector<int>{1} : std::vector<int>{0, 1, 2});
      RevalidateBoundMemory();
      (void)DescribeLostMemory();
    }
  });
  for (int i = 0; i < 50; ++i) {
    std::vector<NodeBuffer> buffers;
    for (int b = 0; b < 4; ++b) buffers.push_back(Touched({MemoryMode::kPreferred, {NodeId(2)}}));
    buffers.erase(buffers.begin() + 1);
    buffers[0].Migrate(NodeId(1));
    buffers[2].Rebind();
    buffers[1].Check();
  }
  looks.join();
  EXPECT_EQ(kernel_.mapped_bytes, 0u);
  EXPECT_EQ(DescribeLostMemory(), "");
}

}  // namespace
}  // namespace tally
