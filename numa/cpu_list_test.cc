#include "numa/cpu_list.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace tally {
namespace {

using List = std::vector<int>;

TEST(CpuList, ReadsWhatSysfsWrites) {
  EXPECT_EQ(ParseCpuList("0-3,8\n"), (List{0, 1, 2, 3, 8}));
  EXPECT_EQ(ParseCpuList("5"), (List{5}));
  EXPECT_EQ(ParseCpuList("\n"), List{});  // a node without CPUs
}

TEST(CpuList, RefusesWhatIsNoList) {
  for (const char* text : {"x", "1-", "-1", "1,,2", "1-2-3", "99999999999", "0-99999999"}) {
    EXPECT_EQ(ParseCpuList(text), std::nullopt) << text;
  }
}

TEST(CpuList, WritesWhatItReads) {
  for (const char* text : {"", "5", "0-3,8", "1,3,5-6"}) {
    EXPECT_EQ(FormatCpuList(*ParseCpuList(text)), text);
  }
}

TEST(CpuList, AffinityHoldsTheCpuThatWeRunOn) {
  const List mask = AffinityOf(0);
  ASSERT_FALSE(mask.empty());
  EXPECT_EQ(SetAffinity(mask.back()), 0);
  EXPECT_EQ(AffinityOf(0), List{mask.back()});
  EXPECT_EQ(sched_getcpu(), mask.back());
}

TEST(CpuList, TheCpuThatWeRunOnIsOnline) {
  const std::optional<List> online = OnlineCpus();
  if (!online) GTEST_SKIP() << "no /sys";
  EXPECT_NE(std::find(online->begin(), online->end(), sched_getcpu()), online->end());
}

TEST(CpuList, RefusesCpusThatDoNotExist) {
  EXPECT_NE(SetAffinity(-1), 0);
  EXPECT_NE(SetAffinity(1 << 19), 0);
}

}  // namespace
}  // namespace tally
