#include "benchmarks/docs/page.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "benchmarks/docs/machine.h"
#include "benchmarks/docs/pictures.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

using ::testing::HasSubstr;

Comparison Row(const char* work, int workers, const char* peer, double ours, double theirs) {
  const double ratio = ours / theirs;
  return {.work = work,
          .workers = workers,
          .unit = "ns",
          .rounds = 5,
          .peer = peer,
          .ours = ours,
          .theirs = theirs,
          .ratio_median = ratio,
          .ratio_min = ratio / 2,
          .ratio_max = ratio * 2};
}

Results Example() {
  return {.works = {Row("fib", 1, "tbb", 4, 140), Row("fib", 1, "serial", 4, 2),
                    Row("fib", 2, "tbb", 3, 75), Row("wake_p50", 2, "futex", 9, 7)},
          .families = {Row("creation", 2, "openmp", 50, 100)},
          .scaling = {{1, 130'000, 200'000}, {2, 135'000, 300'000}},
          .machine = "a machine",
          .others_share = 0.03};
}

constexpr char kPage[] =
    "# Benchmarks\n\nBy hand.\n<!-- measured: written by ./tally bench -->\nold\n"
    "<!-- end of what was measured -->\nBy hand too.\n";

TEST(Page, WorksHaveALineForEachWorkerCountWithAllPeers) {
  const std::string part = MeasuredPart(Example());
  EXPECT_THAT(part, HasSubstr("| fib | 1 | ns | 4.00 | 140 |  | 2.00 | **1/35.0** (1/70.0 to "
                              "1/17.5) |  | **2.00** (1.00 to 4.00) |"));
  EXPECT_THAT(part, HasSubstr("| fib | 2 | ns | 3.00 | 75.0 |  |  |"));
  EXPECT_THAT(part, HasSubstr("| wake_p50 | 2 | ns | 9.00 |  |  | 7.00 |"));
  EXPECT_THAT(part, HasSubstr("| 2 | 135 | 1.04 | 300 | 1.50 |"));
  EXPECT_THAT(part, HasSubstr("a machine. 5 rounds; meanwhile other programs used 3 %"));
}

TEST(Page, OnlyWhatIsBetweenTheMarksChanges) {
  const absl::StatusOr<std::string> page = ReplaceMeasured(kPage, "new");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(*page,
            "# Benchmarks\n\nBy hand.\n<!-- measured: written by ./tally bench -->\n\nnew\n"
            "<!-- end of what was measured -->\nBy hand too.\n");
  EXPECT_EQ(*ReplaceMeasured(*page, "new"), *page);
  EXPECT_FALSE(ReplaceMeasured("# Without marks\n", "new").ok());
}

TEST(Page, EveryPictureThatItShowsIsDrawn) {
  const std::string folder = std::string(std::getenv("TEST_TMPDIR")) + "/docs";
  mkdir(folder.c_str(), 0755);
  mkdir((folder + "/pictures").c_str(), 0755);
  std::ofstream(folder + "/benchmarks.md") << kPage;
  const absl::Status written = WriteDocs(folder, Example());
  ASSERT_TRUE(written.ok()) << written;
  std::ostringstream page;
  page << std::ifstream(folder + "/benchmarks.md").rdbuf();
  EXPECT_THAT(page.str(), HasSubstr("By hand too."));
  for (const Picture& picture : Pictures()) {
    EXPECT_THAT(page.str(), HasSubstr(std::string("pictures/") + picture.file));
    struct stat info;
    EXPECT_EQ(stat((folder + "/pictures/" + picture.file).c_str(), &info), 0) << picture.file;
  }
  EXPECT_FALSE(WriteDocs("/nowhere", Example()).ok());
}

TEST(Machine, HasWordsAndAShare) {
  EXPECT_THAT(DescribeMachine(), HasSubstr(" CPUs, "));
  const OthersShare share;
  EXPECT_GE(share.SoFar(), 0);
  EXPECT_LE(share.SoFar(), 1);
}

}  // namespace
}  // namespace tally::benchmarks
