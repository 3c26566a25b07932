#include "numa/allocation_counters.h"

#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace tally {
namespace {

// What the kernel shows in /sys/devices/system/node, in files.
class FakeNodes {
 public:
  FakeNodes(const char* name, const std::string& has_memory) : path_(testing::TempDir() + name) {
    mkdir(path_.c_str(), 0755);
    std::ofstream(path_ + "/has_memory") << has_memory << "\n";
  }
  void Add(int node, const std::string& numastat) {
    const std::string folder = path_ + "/node" + std::to_string(node);
    mkdir(folder.c_str(), 0755);
    std::ofstream(folder + "/numastat") << numastat;
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

TEST(PagesGivenAcrossNodes, AreAddedUpOverNodesHoweverTheyAreNumbered) {
  FakeNodes nodes("sparse", "0,8-9");
  nodes.Add(0, "numa_hit 900\nnuma_miss 1\nnuma_foreign 2\nlocal_node 800\nother_node 100\n");
  nodes.Add(8, "other_node 20\n");
  nodes.Add(9, "other_node 3\nsomething_new 7\n");
  EXPECT_EQ(PagesGivenAcrossNodes(nodes.path()), 123u);
}

TEST(PagesGivenAcrossNodes, AreUnknownWhereTheFilesAreNotThereOrThereIsOneNode) {
  EXPECT_EQ(PagesGivenAcrossNodes("/nowhere"), std::nullopt);
  FakeNodes one("one", "0");
  one.Add(0, "other_node 5\n");
  EXPECT_EQ(PagesGivenAcrossNodes(one.path()), std::nullopt);
  FakeNodes half("half", "0-1");
  half.Add(0, "other_node 5\n");
  EXPECT_EQ(PagesGivenAcrossNodes(half.path()), std::nullopt);
  half.Add(1, "numa_hit 5\n");
  EXPECT_EQ(PagesGivenAcrossNodes(half.path()), std::nullopt) << "no such line";
}

}  // namespace
}  // namespace tally
