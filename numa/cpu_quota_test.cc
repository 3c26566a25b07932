// Each test is a process in cgroups: what /proc says, and the files of the hierarchy.
#include "numa/cpu_quota.h"

#include <map>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "numa/fake_files.h"

namespace tally {
namespace {

const char kV2[] = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
const char kV1[] =
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";

using Files = std::map<std::string, std::string>;

// "QUOTA/PERIOD FILE"; "none".
std::string Quota(const std::string& memberships, const std::string& mounts, const Files& files) {
  FakeFiles fake("quota");
  fake.Write("/proc/self/cgroup", memberships);
  fake.Write("/proc/self/mountinfo", mounts);
  for (const auto& [path, text] : files) fake.Write(path, text);
  const std::optional<CpuQuota> quota = TightestCpuQuota(fake.root());
  if (!quota.has_value()) return "none";
  return std::to_string(quota->quota_us) + "/" + std::to_string(quota->period_us) + " " +
         quota->file.substr(fake.root().size());
}

TEST(CpuQuota, IsTheOwnCgroups) {
  EXPECT_EQ(Quota("0::/user/job\n", kV2, {{"/sys/fs/cgroup/user/job/cpu.max", "150000 100000\n"}}),
            "150000/100000 /sys/fs/cgroup/user/job/cpu.max");
}

TEST(CpuQuota, IsTheTightestOfAllAncestors) {
  Files files = {{"/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n"},
                 {"/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n"},
                 {"/sys/fs/cgroup/a/cpu.max", "50000 20000\n"}};  // 2.5
  EXPECT_EQ(Quota("0::/a/b/c\n", kV2, files), "50000/20000 /sys/fs/cgroup/a/cpu.max");
  files["/sys/fs/cgroup/cpu.max"] = "100000 100000";  // a container's own root
  EXPECT_EQ(Quota("0::/a/b/c\n", kV2, files), "100000/100000 /sys/fs/cgroup/cpu.max");
  EXPECT_EQ(Quota("0::/\n", kV2, files), "100000/100000 /sys/fs/cgroup/cpu.max");
}

TEST(CpuQuota, OfTheFirstVersionIsInTwoFiles) {
  const Files files = {{"/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "-1\n"},
                       {"/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n"},
                       {"/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "250000\n"},
                       {"/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n"},
                       {"/sys/fs/cgroup/cpuset/docker/x/cpu.cfs_quota_us", "1"}};
  EXPECT_EQ(Quota("5:cpuset:/docker/x\n4:cpu,cpuacct:/docker/x\n", kV1, files),
            "250000/100000 /sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us");
}

TEST(CpuQuota, IsFoundWhereBothVersionsAreMounted) {
  const std::string mounts =
      std::string(kV1) + "38 31 0:41 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  const Files files = {{"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "400000"},
                       {"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000"},
                       {"/sys/fs/cgroup/unified/b/cpu.max", "200000 100000"}};
  EXPECT_EQ(Quota("4:cpu,cpuacct:/a\n0::/b\n", mounts, files),
            "200000/100000 /sys/fs/cgroup/unified/b/cpu.max");
}

// Docker with the host's cgroup namespace: /proc names the host's path, of which only the last part
// is mounted.
TEST(CpuQuota, IsFoundWhereOnlyAPartOfTheHierarchyIsMounted) {
  const Files files = {{"/sys/fs/cgroup/cpu.max", "300000 100000"},
                       {"/sys/fs/cgroup/inner/cpu.max", "200000 100000"}};
  const std::string mounts = "30 23 0:26 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
  EXPECT_EQ(Quota("0::/docker/1f/inner\n", mounts, files),
            "200000/100000 /sys/fs/cgroup/inner/cpu.max");
  EXPECT_EQ(Quota("0::/docker/1f\n", mounts, files), "300000/100000 /sys/fs/cgroup/cpu.max");
  EXPECT_EQ(Quota("0::/docker/1f0/inner\n", mounts, files), "300000/100000 /sys/fs/cgroup/cpu.max");
  EXPECT_EQ(Quota("0::/../../other\n", mounts, files), "300000/100000 /sys/fs/cgroup/cpu.max");
}

TEST(CpuQuota, MountPointsMayHaveSpaces) {
  EXPECT_EQ(Quota("0::/a\n", "30 23 0:26 / /my\\040cgroups rw - cgroup2 none rw\n",
                  {{"/my cgroups/a/cpu.max", "100000 50000"}}),
            "100000/50000 /my cgroups/a/cpu.max");
}

TEST(CpuQuota, IsNoneWhereNobodySaysSo) {
  EXPECT_EQ(Quota("", "", {}), "none");
  EXPECT_EQ(Quota("0::/a\n", "", {{"/sys/fs/cgroup/a/cpu.max", "100000 50000"}}), "none");
  EXPECT_EQ(Quota("0::/a\n", kV2, {}), "none");
  EXPECT_EQ(TightestCpuQuota("/no/such/directory"), std::nullopt);
  for (const char* text : {"", "max\n", "max 100000\n", "x 100000", "100000 x", "0 100000",
                           "-5 100000", "100000 0", "100000 -1", "99999999999999999999 1"}) {
    EXPECT_EQ(Quota("0::/a\n", kV2, {{"/sys/fs/cgroup/a/cpu.max", text}}), "none") << text;
  }
}

TEST(CpuQuota, GarbageInProcIsNoQuota) {
  const Files files = {{"/sys/fs/cgroup/a/cpu.max", "100000 50000"}};
  for (const char* mounts :
       {"x", "- cgroup2", "1 2 3 - cgroup2 x", " - ", "a b c / /x y - cgroup"}) {
    EXPECT_EQ(Quota("0::/a\n", mounts, files), "none") << mounts;
  }
  for (const char* memberships : {"0", "0:", ":::", "0:x:/a", "cpu"}) {
    EXPECT_EQ(Quota(memberships, kV2, files), "none") << memberships;
  }
}

TEST(CpuQuota, CountsAPartOfACpuAsOne) {
  const struct {
    int64_t quota_us, period_us;
    int cpus;
  } kTable[] = {{1000, 100000, 1},   {99999, 100000, 1},        {100000, 100000, 1},
                {100001, 100000, 2}, {250000, 100000, 3},       {800000, 100000, 8},
                {50000, 20000, 3},   {INT64_MAX, 1, 2147483647}};
  for (const auto& row : kTable) {
    EXPECT_EQ((CpuQuota{row.quota_us, row.period_us, ""}.Cpus()), row.cpus) << row.quota_us;
  }
  EXPECT_EQ((CpuQuota{150000, 100000, "/f"}.InWords()), "1.50 CPUs, says /f");
}

TEST(CpuQuota, OfThisMachineCanBeAsked) {
  const std::optional<CpuQuota> quota = TightestCpuQuota();
  if (quota.has_value()) {
    EXPECT_GE(quota->Cpus(), 1);
  }
}

}  // namespace
}  // namespace tally
