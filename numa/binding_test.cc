// On the machine at hand, whatever it is.
#include "numa/binding.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "numa/cpu_list.h"
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

bool Begins(const std::string& text, const std::string& beginning) {
  return text.substr(0, beginning.size()) == beginning;
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

// Two L3s of two cores of two PUs, PU 5 of which may not be used; the kernel numbers siblings
// apart.
Topology Machine2() {
  MachineFacts facts;
  for (int pu = 0; pu < 8; ++pu) {
    facts.pus.push_back({.os_index = pu, .core = pu % 4, .l3 = pu % 4 / 2, .allowed = pu != 5});
  }
  return *TopologyBuilder::Build(facts, {.include_disallowed = true});
}

TEST(BindingUnit, IsAPuACoreOrAnL3) {
  using Cpus = std::vector<int>;
  const Topology machine = Machine2();
  EXPECT_EQ(CpusOfUnit(machine, CpuId(2), BindingUnit::kPu), Cpus{2});
  EXPECT_EQ(CpusOfUnit(machine, CpuId(2), BindingUnit::kCore), (Cpus{2, 6}));
  EXPECT_EQ(CpusOfUnit(machine, CpuId(2), BindingUnit::kL3), (Cpus{2, 3, 6, 7}));
  EXPECT_EQ(CpusOfUnit(machine, CpuId(1), BindingUnit::kL3), (Cpus{0, 1, 4}));  // 5 is not allowed
  const Topology plain = Machine("numa:2 pu:3");                                // no cores, no L3s
  EXPECT_EQ(CpusOfUnit(plain, CpuId(1), BindingUnit::kCore), Cpus{1});
  EXPECT_EQ(CpusOfUnit(plain, CpuId(4), BindingUnit::kL3), (Cpus{3, 4, 5}));
}

TEST(BindingUnit, OfThisMachineIsGrantedByTheKernel) {
  const Topology live = Machine("live");
  for (BindingUnit unit : {BindingUnit::kPu, BindingUnit::kCore, BindingUnit::kL3}) {
    std::thread([&] {
      const CpuId last(static_cast<int>(live.pus().size()) - 1);
      const Binding binding = BindThisThread(live, last, unit);
      EXPECT_TRUE(binding.granted) << binding.why;
      EXPECT_EQ(binding.cpus, CpusOfUnit(live, last, unit));
      EXPECT_EQ(AffinityOf(0), binding.cpus);
    }).join();
  }
}

// Somebody (a cpuset, taskset) takes the thread elsewhere: the check finds out and binds it again.
TEST(CheckBinding, BindsAgainWhatWasTakenAway) {
  const Topology live = Machine("live");
  if (live.pus().size() < 2) GTEST_SKIP() << "one CPU: there is nowhere else to go";
  std::thread([&] {
    const Binding binding = BindThisThread(live, CpuId(0));
    ASSERT_TRUE(binding.granted) << binding.why;
    ASSERT_EQ(SetAffinity(live.pus()[1].os_index), 0);
    Binding now;
    std::thread([&] { now = CheckBinding(live, binding); }).join();  // from another thread
    EXPECT_TRUE(now.granted) << now.why;
    EXPECT_EQ(AffinityOf(0), std::vector<int>{live.pus()[0].os_index});
  }).join();
}

TEST(CheckBinding, SaysWhatHoldsWhenTheKernelWillNotBindAgain) {
  // This machine, as it believes itself to be; CPU 1 << 19 has since gone.
  MachineFacts facts;
  facts.is_this_machine = true;
  facts.pus = {{.os_index = 1 << 19}};
  const Topology machine = *TopologyBuilder::Build(facts, {});
  Binding binding;
  binding.asked = CpuId(0);
  binding.granted = true;
  binding.thread = getpid();
  const Binding now = CheckBinding(machine, binding);
  EXPECT_FALSE(now.granted);
  EXPECT_TRUE(Begins(now.why, "the kernel has no CPU 524288 online, but the kernel says CPU"))
      << now.why;
  EXPECT_EQ(now.cpus, AffinityOf(getpid()));
}

TEST(CheckBinding, LeavesAloneWhatWasNeverTriedAndWhoHasGone) {
  const Binding untried = BindThisThread(Machine("pu:1"), CpuId(0));
  EXPECT_EQ(CheckBinding(Machine("pu:1"), untried).why, "not this machine's topology");
  const Topology live = Machine("live");
  Binding binding;
  std::thread([&] { binding = BindThisThread(live, CpuId(0)); }).join();
  // join() returns a moment before the kernel has forgotten the thread.
  while (!AffinityOf(binding.thread).empty()) std::this_thread::yield();
  EXPECT_EQ(CheckBinding(live, binding).why, "the thread has ended");
}

TEST(Binding, WhatTheKernelRefusesIsSaidWithItsReason) {
  // A machine that claims to be this one, with a CPU that this one does not have.
  MachineFacts facts;
  facts.is_this_machine = true;
  facts.pus = {{.os_index = 1 << 19}};
  const Topology liar = *TopologyBuilder::Build(facts, {});
  const Binding binding = BindThisThread(liar, CpuId(0));
  EXPECT_FALSE(binding.granted);
  EXPECT_TRUE(Begins(binding.why, "the kernel has no CPU 524288 online, but the kernel says CPU"))
      << binding.why;
  EXPECT_EQ(binding.cpus, AffinityOf(0));
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
