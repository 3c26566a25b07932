#include "numa/node_buffer.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"

namespace tally {
namespace {

constexpr size_t kBytes = 40'000;  // 10 pages

std::vector<uint64_t> OnNode(const NodeBuffer& buffer, const Topology& machine,
                             KernelMemory& kernel) {
  return ResidenceOf(machine, buffer.data(), buffer.size(), kernel).on_node;
}

TEST(NodeBuffer, IsOnItsNodesOnceTouchedAndGoneAtItsEnd) {
  const Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  {
    absl::StatusOr<NodeBuffer> bound =
        NodeBuffer::Create(machine, kBytes, {MemoryMode::kPreferred, {NodeId(1)}}, kernel);
    absl::StatusOr<NodeBuffer> spread = NodeBuffer::Create(
        machine, kBytes, {MemoryMode::kInterleave, {NodeId(0), NodeId(1)}}, kernel);
    ASSERT_TRUE(bound.ok() && spread.ok());
    EXPECT_EQ(bound->size(), kBytes);
    for (const uint64_t word : bound->As<uint64_t>()) ASSERT_EQ(word, 0u);
    EXPECT_EQ(bound->As<uint64_t>().size(), kBytes / 8);
    std::memset(bound->data(), 1, bound->size());
    std::memset(spread->data(), 1, spread->size());
    EXPECT_TRUE(bound->Check().granted) << bound->binding().why;
    EXPECT_EQ(bound->binding().pages_right, 10u);
    EXPECT_TRUE(spread->Check().granted) << spread->binding().why;
    EXPECT_EQ(OnNode(*bound, machine, kernel), (std::vector<uint64_t>{0, 10}));
    EXPECT_EQ(OnNode(*spread, machine, kernel), (std::vector<uint64_t>{5, 5}));
  }
  EXPECT_EQ(kernel.mapped_bytes, 0u);
}

TEST(NodeBuffer, MovesWithItsOwner) {
  const Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  {
    NodeBuffer a = *NodeBuffer::Create(machine, kBytes, {MemoryMode::kFirstTouch, {}}, kernel);
    std::byte* const data = a.data();
    NodeBuffer b = std::move(a);
    EXPECT_EQ(b.data(), data);
    b = *NodeBuffer::Create(machine, 1, {MemoryMode::kFirstTouch, {}}, kernel);
    EXPECT_EQ(b.size(), 1u);
    EXPECT_EQ(kernel.mapped_bytes, kernel.PageBytes());
  }
  EXPECT_EQ(kernel.mapped_bytes, 0u);
}

TEST(NodeBuffer, MigratesAndFollowsAChangedCpuset) {
  const Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  NodeBuffer buffer =
      *NodeBuffer::Create(machine, kBytes, {MemoryMode::kBind, {NodeId(0)}}, kernel);
  std::memset(buffer.data(), 1, buffer.size());
  EXPECT_TRUE(buffer.Migrate(NodeId(1)).granted) << buffer.binding().why;
  EXPECT_EQ(OnNode(buffer, machine, kernel), (std::vector<uint64_t>{0, 10}));
  kernel.ChangeCpuset({0});
  EXPECT_FALSE(buffer.Check().granted);
  EXPECT_EQ(buffer.binding().pages_wrong, 10u);
  kernel.ChangeCpuset({0, 1});
  EXPECT_TRUE(buffer.Rebind().granted) << buffer.binding().why;
  EXPECT_EQ(OnNode(buffer, machine, kernel), (std::vector<uint64_t>{0, 10}));
}

TEST(NodeBuffer, ServesWhereNothingIsGranted) {
  const Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  kernel.set_policy_error = kernel.get_policy_error = kernel.query_error = EPERM;
  NodeBuffer buffer =
      *NodeBuffer::Create(machine, kBytes, {MemoryMode::kPreferred, {NodeId(1)}}, kernel);
  EXPECT_FALSE(buffer.binding().granted);
  EXPECT_EQ(buffer.binding().why,
            "the kernel refused: Operation not permitted (a container's seccomp filter?)");
  std::memset(buffer.data(), 1, buffer.size());
  EXPECT_EQ(buffer.Check().pages_unknown, 10u);
}

TEST(NodeBuffer, SaysWhatIsWrongWithARequest) {
  const Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel({0, 1});
  const auto refused = [&](size_t bytes, MemoryRequest request) {
    return std::string(NodeBuffer::Create(machine, bytes, request, kernel).status().message());
  };
  EXPECT_EQ(refused(0, {}), "a buffer has at least one byte");
  EXPECT_EQ(refused(1, {}), "say on which nodes: MemoryRequest::nodes is empty");
  EXPECT_EQ(refused(1, {MemoryMode::kFirstTouch, {NodeId(0)}}),
            "first touch takes no nodes: leave MemoryRequest::nodes empty");
  EXPECT_EQ(refused(1, {MemoryMode::kBind, {NodeId(2)}}),
            "there is no node 2: this machine has nodes 0 to 1");
  EXPECT_EQ(refused(~size_t{0}, {MemoryMode::kFirstTouch, {}}),
            "the kernel has no 18446744073709551615 bytes of memory: ask for less");
  kernel.no_memory = true;
  EXPECT_EQ(NodeBuffer::Create(machine, 1, {MemoryMode::kFirstTouch, {}}, kernel).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// The real syscalls, with their masks and sizes, on whatever machine this is: its nodes are made
// known as two, so that nothing is taken for granted.
TEST(NodeBuffer, TheRealKernelGrantsThisMachinesNodesAndRefusesOthers) {
  NodeMask allowed;
  if (RealKernelMemory().AllowedNodes(&allowed) != 0) {
    GTEST_SKIP() << "the kernel says nothing about memory (a container?)";
  }
  const int here = allowed.first();
  const Topology machine = FakeMachine({here, 1000});
  for (const MemoryMode mode :
       {MemoryMode::kPreferred, MemoryMode::kBind, MemoryMode::kInterleave}) {
    NodeBuffer buffer = *NodeBuffer::Create(machine, kBytes, {mode, {NodeId(0)}});
    EXPECT_TRUE(buffer.binding().granted) << MemoryModeName(mode) << buffer.binding().why;
    std::memset(buffer.data(), 1, buffer.size());
    EXPECT_TRUE(buffer.Check().granted) << buffer.binding().why;
    EXPECT_EQ(buffer.binding().pages_right, 10u);
    NodeBuffer nowhere = *NodeBuffer::Create(machine, kBytes, {mode, {NodeId(1)}});
    EXPECT_EQ(nowhere.binding().why,
              "the cpuset of this process does not allow node 1 (the kernel's 1000)");
    NodeBuffer narrowed = *NodeBuffer::Create(machine, kBytes, {mode, {NodeId(0), NodeId(1)}});
    EXPECT_FALSE(narrowed.binding().granted);
    EXPECT_EQ(narrowed.binding().granted_nodes, std::vector<NodeId>{NodeId(0)});
  }
  NodeBuffer local = *NodeBuffer::Create(machine, kBytes, {MemoryMode::kFirstTouch, {}});
  EXPECT_TRUE(local.binding().granted) << local.binding().why;
  std::memset(local.data(), 1, local.size());
  EXPECT_TRUE(local.Migrate(NodeId(0)).granted) << local.binding().why;
  EXPECT_FALSE(local.Migrate(NodeId(1)).granted);
}

}  // namespace
}  // namespace tally
