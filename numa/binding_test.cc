// On the machine at hand, whatever it is.
#include "numa/binding.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"

namespace tally {
namespace {

Topology Machine(std::string_view spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

TEST(Binding, EveryPuOfThisMachineIsGrantedAndTheThreadRunsThere) {
  const Topology live = Machine("live");
  for (size_t i = 0; i < live.pus().size(); ++i) {
    std::thread([&] {
      const Binding binding = BindThisThread(live, CpuId(static_cast<int>(i)));
      EXPECT_TRUE(binding.granted) << binding.why;
      EXPECT_EQ(binding.why, "");
      EXPECT_EQ(sched_getcpu(), live.pus()[i].os_index);
    }).join();
  }
}

TEST(Binding, AnotherMachinesTopologyBindsNothing) {
  const int before = AllowedCpus();
  const Binding binding = BindThisThread(Machine("pu:1"), CpuId(0));
  EXPECT_FALSE(binding.granted);
  EXPECT_EQ(binding.why, "not this machine's topology");
  EXPECT_EQ(AllowedCpus(), before);
}

TEST(Binding, WhatTheKernelRefusesIsSaidWithItsReason) {
  // A machine that claims to be this one, with a CPU that this one does not have.
  MachineFacts facts;
  facts.is_this_machine = true;
  facts.pus = {{.os_index = 1 << 19}};
  const Topology liar = *TopologyBuilder::Build(facts, {});
  const Binding binding = BindThisThread(liar, CpuId(0));
  EXPECT_FALSE(binding.granted);
  EXPECT_EQ(binding.why, "the kernel refused CPU 524288: Invalid argument");
}

// A worker that is bound must not make the whole process look like one CPU.
TEST(AllowedCpus, IsOfTheProcessNotOfABoundThread) {
  const Topology live = Machine("live");
  const int before = AllowedCpus();
  std::thread([&] {
    ASSERT_TRUE(BindThisThread(live, CpuId(0)).granted);
    EXPECT_EQ(AllowedCpus(), before);
    EXPECT_EQ(Machine("live").pus().size(), live.pus().size());
  }).join();
}

class Page {
 public:
  Page()
      : bytes_(static_cast<size_t>(sysconf(_SC_PAGESIZE))),
        at_(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  ~Page() { munmap(at_, bytes_); }
  char* at() const { return static_cast<char*>(at_); }

 private:
  size_t bytes_;
  void* at_;
};

TEST(HomeOf, ATouchedPageHasAHomeAndAnUntouchedOneHasNone) {
  const Topology live = Machine("live");
  const Page page;
  EXPECT_EQ(HomeOf(live, page.at()), NodeId());
  page.at()[0] = 1;
  const NodeId home = HomeOf(live, page.at());
  if (!home.valid()) GTEST_SKIP() << "the kernel does not say where pages are (a container?)";
  EXPECT_LT(home.index(), live.nodes().size());
  EXPECT_EQ(HomeOf(live, page.at() + 1000), home);  // in the middle of the page
}

TEST(HomeOf, IsUnknownForNoMemoryAndForOtherMachines) {
  const Topology live = Machine("live");
  EXPECT_EQ(HomeOf(live, nullptr), NodeId());
  EXPECT_EQ(HomeOf(live, reinterpret_cast<void*>(~uintptr_t{0})), NodeId());
  int here = 1;
  EXPECT_EQ(HomeOf(Machine("numa:2 pu:1"), &here), NodeId());
}

}  // namespace
}  // namespace tally
