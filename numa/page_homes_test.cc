#include "numa/page_homes.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"

namespace tally {
namespace {

struct Ground {
  explicit Ground(size_t pages = 8)
      : bytes(pages * kernel.PageBytes()), at(static_cast<char*>(kernel.Map(bytes))) {}
  ~Ground() { kernel.Unmap(at, bytes); }
  Residence Ask() { return ResidenceOf(machine, at, bytes, kernel); }

  Topology machine = FakeMachine({0, 7});
  FakeKernelMemory kernel{{0, 7}};
  size_t bytes;
  char* at;
};

TEST(Residence, CountsPagesByNodeAndThoseThatAreNotThere) {
  for (const int no_page : {ENOENT, EFAULT}) {  // since and before Linux 6.2
    Ground ground;
    ground.kernel.no_page_error = no_page;
    const size_t page = ground.kernel.PageBytes();
    std::memset(ground.at, 1, 3 * page);
    EXPECT_EQ(ground.Ask().on_node, (std::vector<uint64_t>{3, 0}));
    ground.kernel.running_on = 7;
    std::memset(ground.at, 1, 5 * page);
    const Residence residence = ground.Ask();
    EXPECT_EQ(residence.on_node, (std::vector<uint64_t>{3, 2}));
    EXPECT_EQ(residence.absent, 3u);
    EXPECT_EQ(residence.unknown, 0u);
    EXPECT_EQ(residence.pages(), 8u);
  }
}

TEST(Residence, OfAFewBytesIsOfThePagesTheyLieOn) {
  Ground ground;
  const size_t page = ground.kernel.PageBytes();
  std::memset(ground.at, 1, ground.bytes);
  EXPECT_EQ(ResidenceOf(ground.machine, ground.at + 5, 1, ground.kernel).pages(), 1u);
  EXPECT_EQ(ResidenceOf(ground.machine, ground.at + page - 1, 2, ground.kernel).pages(), 2u);
  EXPECT_EQ(ResidenceOf(ground.machine, ground.at, 0, ground.kernel).pages(), 0u);
}

TEST(Residence, OfManyPagesIsAskedInBatches) {
  Ground ground(3000);
  std::memset(ground.at, 1, ground.bytes);
  ground.kernel.queries = 0;
  EXPECT_EQ(ground.Ask().on_node[0], 3000u);
  EXPECT_EQ(ground.kernel.queries, 6);
}

TEST(Residence, UnknownIsNeverANumber) {
  Ground ground;
  std::memset(ground.at, 1, ground.bytes);
  ground.kernel.query_error = EPERM;
  Residence residence = ground.Ask();
  EXPECT_EQ(residence.unknown, 8u);
  EXPECT_EQ(residence.present(), 0u);
  EXPECT_EQ(residence.why, "the kernel does not say where pages are: Operation not permitted");
  ground.kernel.query_error = 0;
  ground.kernel.query_lies = true;  // success, and the statuses as they were
  residence = ground.Ask();
  EXPECT_EQ(residence.unknown, 8u);
  const Topology imagined = *Topology::FromSpec("numa:2 pu:1");
  residence = ResidenceOf(imagined, ground.at, ground.bytes, ground.kernel);
  EXPECT_EQ(residence.unknown, 8u);
  EXPECT_EQ(residence.why, "not this machine's topology");
}

TEST(Residence, APageOnANodeThatIsNotInTheTopologyIsElsewhere) {
  Ground ground;
  ground.kernel.allowed.Add(9);
  ground.kernel.running_on = 9;
  std::memset(ground.at, 1, ground.bytes);
  EXPECT_EQ(ground.Ask().elsewhere, 8u);
  EXPECT_EQ(ground.Ask().present(), 8u);
}

TEST(Residence, OfThisMachineIsOnItsNodes) {
  const Topology live = *Topology::FromSpec("live");
  KernelMemory& kernel = RealKernelMemory();
  const size_t bytes = 64 * kernel.PageBytes();
  void* const at = kernel.Map(bytes);
  ASSERT_EQ(ResidenceOf(live, at, bytes).present(), 0u);
  std::memset(at, 1, bytes / 2);
  const Residence residence = ResidenceOf(live, at, bytes);
  kernel.Unmap(at, bytes);
  if (residence.unknown != 0) GTEST_SKIP() << residence.why;
  EXPECT_GE(residence.present(), 32u);  // more with huge pages
  EXPECT_EQ(residence.elsewhere, 0u);
}

TEST(HomeCache, AsksOncePerPage) {
  Ground ground;
  HomeCache homes(ground.machine, ground.kernel);
  ground.kernel.running_on = 7;
  std::memset(ground.at, 1, ground.bytes);
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < ground.bytes; i += 1000)
      EXPECT_EQ(homes.HomeOf(ground.at + i), NodeId(1));
  }
  EXPECT_EQ(ground.kernel.queries, 8);
}

TEST(HomeCache, AnUnknownHomeIsAskedForAgain) {
  Ground ground;
  HomeCache homes(ground.machine, ground.kernel);
  EXPECT_EQ(homes.HomeOf(ground.at), NodeId());
  ground.at[0] = 1;
  EXPECT_EQ(homes.HomeOf(ground.at), NodeId(0));
  ground.kernel.query_error = EPERM;
  EXPECT_EQ(homes.HomeOf(ground.at), NodeId(0));
  EXPECT_EQ(homes.HomeOf(ground.at + ground.kernel.PageBytes()), NodeId());
}

TEST(HomeCache, ForgetsWhenPagesHaveMoved) {
  Ground ground;
  HomeCache homes(ground.machine, ground.kernel);
  ground.at[0] = 1;
  EXPECT_EQ(homes.HomeOf(ground.at), NodeId(0));
  for (int round = 1; round <= 20; ++round) {
    void* const page = ground.at;
    const int target = round % 2 == 0 ? 0 : 7;
    int status = 0;
    ASSERT_EQ(ground.kernel.MovePages({&page, 1}, &target, &status), 0);
    homes.Forget();
    ASSERT_EQ(homes.HomeOf(ground.at), NodeId(round % 2));
    homes.Forget();
  }
  // As often as there are generations, and again: what was learnt in the first must not come back.
  ASSERT_EQ(homes.HomeOf(ground.at), NodeId(0));
  void* const page = ground.at;
  const int target = 7;
  int status = 0;
  ASSERT_EQ(ground.kernel.MovePages({&page, 1}, &target, &status), 0);
  for (int i = 0; i < 512; ++i) homes.Forget();
  EXPECT_EQ(homes.HomeOf(ground.at), NodeId(1));
}

TEST(HomesOfThisMachine, KnowATouchedPage) {
  const Topology live = *Topology::FromSpec("live");
  static int here = 1;
  const NodeId home = HomesOfThisMachine().HomeOf(&here);
  if (!home.valid()) GTEST_SKIP() << "the kernel does not say where pages are (a container?)";
  EXPECT_LT(home.index(), live.nodes().size());
  EXPECT_EQ(HomesOfThisMachine().HomeOf(nullptr), NodeId());
}

}  // namespace
}  // namespace tally
