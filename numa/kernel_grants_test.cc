#include "numa/kernel_grants.h"

#include <cerrno>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/cpu_list.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"
#include "numa/topology.h"

namespace tally {
namespace {

TEST(KernelGrants, OfThisMachineCoverItsCpusAndLeaveTheCallerAlone) {
  const std::vector<int> before = AffinityOf(0);
  const Topology live = *Topology::FromSpec("live");
  const KernelGrants grants = TryKernelGrants(live);
  EXPECT_TRUE(grants.tried);
  EXPECT_TRUE(grants.threads) << grants.sentences[0];
  ASSERT_EQ(grants.sentences.size(), 2u);
  if (live.nodes().size() < 2) {
    EXPECT_EQ(grants.sentences[1], "Memory needs no placing: there is one node at most.");
  }
  EXPECT_EQ(AffinityOf(0), before);
}

TEST(KernelGrants, OfAnotherMachineAreNotTried) {
  const KernelGrants grants = TryKernelGrants(*Topology::FromSpec("numa:2 pu:2"));
  EXPECT_FALSE(grants.tried);
  EXPECT_TRUE(grants.sentences.empty());
}

// The fake machine's PUs need not exist here; its memory is the fake kernel's.
std::string OfMemory(FakeKernelMemory& kernel) {
  const KernelGrants grants = TryKernelGrants(FakeMachine({0, 1, 33}), kernel);
  EXPECT_EQ(grants.memory, grants.sentences.back().find("cannot") == std::string::npos);
  EXPECT_EQ(kernel.maps, kernel.unmaps);
  return grants.sentences.back();
}

TEST(KernelGrants, OfMemoryAreWhatTheKernelConfirms) {
  FakeKernelMemory kernel({0, 1, 33});
  EXPECT_EQ(OfMemory(kernel), "Memory can be placed on each of 3 nodes.");
  kernel.set_policy_lies = true;
  EXPECT_EQ(OfMemory(kernel).substr(0, 49), "Memory cannot be placed on the kernel's node 0-1,");
}

TEST(KernelGrants, OfMemoryNameTheNodesThatAreFullOrForbidden) {
  FakeKernelMemory forbidden({0, 1, 33});
  forbidden.allowed.Remove(33);
  EXPECT_EQ(OfMemory(forbidden).substr(0, 47), "Memory cannot be placed on the kernel's node 33");
  FakeKernelMemory seccomp({0, 1, 33});
  seccomp.set_policy_error = seccomp.get_policy_error = seccomp.query_error = EPERM;
  EXPECT_EQ(OfMemory(seccomp).substr(0, 51), "Memory cannot be placed on the kernel's node 0-1,33");
}

}  // namespace
}  // namespace tally
