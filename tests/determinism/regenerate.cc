// Writes goldens.txt into the source tree: bazel run //tests/determinism:regenerate

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/determinism/fixed_runs.h"

int main() {
  const char* const root = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (root == nullptr) {
    std::fputs("run me with: bazel run //tests/determinism:regenerate\n", stderr);
    return 2;
  }
  const std::string path = std::string(root) + "/tests/determinism/goldens.txt";
  std::ofstream file(path);
  file << tally::Goldens();
  file.close();
  if (!file) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return 1;
  }
  std::printf("%s\n", path.c_str());
  return 0;
}
