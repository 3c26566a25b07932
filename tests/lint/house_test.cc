// The house keeps its own rules: every source file in the tree, read from the tree.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/lint/house_rules.h"

namespace tally::lint {
namespace {

namespace fs = std::filesystem;

// The test runs beside a link to WORKSPACE, which leads to the tree.
fs::path Root() { return fs::canonical("WORKSPACE").parent_path(); }

bool IsSource(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".cc" || extension == ".h" || extension == ".inc";
}

std::vector<SourceFile> ReadTree() {
  std::vector<SourceFile> files;
  for (const char* room : {"benchmarks", "numa", "scheduler", "sim", "tests", "viz"}) {
    for (const auto& entry : fs::recursive_directory_iterator(Root() / room)) {
      if (!entry.is_regular_file() || !IsSource(entry.path())) continue;
      std::stringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      files.push_back({entry.path().lexically_relative(Root()).generic_string(), text.str()});
    }
  }
  return files;
}

TEST(HouseTest, EverySourceFileKeepsTheRules) {
  const std::vector<SourceFile> files = ReadTree();
  for (const Violation& violation : Check(files)) ADD_FAILURE() << violation.ToString();

  // It did look: every room that decides was read, and so was this file.
  for (const char* seen : {"scheduler/policy/", "scheduler/concurrent/", "scheduler/runtime/",
                           "viz/panels/", "viz/app/", "tests/lint/house_test.cc"}) {
    bool found = false;
    for (const SourceFile& file : files) found |= file.path.rfind(seen, 0) == 0;
    EXPECT_TRUE(found) << "no source file under " << seen
                       << "; if the room moved, tell kDecidingRooms and Rooms() in house_rules.cc";
  }
}

}  // namespace
}  // namespace tally::lint
