#include "sim/cli/nearest.h"

#include "gtest/gtest.h"

namespace tally::cli {
namespace {

TEST(NearestTest, FindsWhatWasMeant) {
  const std::vector<std::string> commands = {"topo", "run", "sim", "replay", "stats"};
  const struct {
    const char* typed;
    const char* meant;
  } kRows[] = {{"rum", "run"}, {"replya", "replay"}, {"stat", "stats"}, {"sim", "sim"}, {"", ""},
               {"x", ""},      {"visualise", ""},    {"tpo", "topo"}};
  for (const auto& row : kRows) EXPECT_EQ(Nearest(row.typed, commands), row.meant) << row.typed;
}

}  // namespace
}  // namespace tally::cli
