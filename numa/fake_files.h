// A file system of a few lines, for tests: "/proc/self/cgroup" and the like below a directory of
// its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace tally {

class FakeFiles {
 public:
  explicit FakeFiles(const std::string& name) : root_(testing::TempDir() + "/" + name) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~FakeFiles() { std::filesystem::remove_all(root_); }
  FakeFiles(const FakeFiles&) = delete;
  FakeFiles& operator=(const FakeFiles&) = delete;

  // `path` begins with '/'.
  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  const std::string& root() const { return root_; }

 private:
  const std::string root_;
};

}  // namespace tally
