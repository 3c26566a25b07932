// The seam costs nothing: the deque on RealWorld compiles to the same instructions as the same code
// written directly on std::atomic. Both are linked into this test, which disassembles itself.

#include <stdio.h>
#include <unistd.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TALLY_INSTRUMENTED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TALLY_INSTRUMENTED 1
#endif

namespace {

std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  EXPECT_NE(pipe, nullptr) << command;
  std::string output;
  char buffer[4096];
  while (pipe != nullptr) {
    const size_t read = fread(buffer, 1, sizeof(buffer), pipe.get());
    if (read == 0) break;
    output.append(buffer, read);
  }
  return output;
}

void ReplaceAll(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

// "     23:	jmp    40 <ByHandPop+0x40>" becomes "jmp ByHandPop+0x40": the places jumped to are
// kept, relative to the function, and nothing else that depends on where it was linked.
std::string WithoutAddresses(const std::string& line, const std::string& function) {
  std::string text = line.substr(line.find('\t') + 1);
  const size_t target = text.find(" <");
  if (target != std::string::npos) {
    const size_t address = text.rfind(' ', target - 1);
    text.erase(address + 1, target + 2 - (address + 1));
    text.erase(text.find('>'), 1);
  }
  // A global, by its distance from here; its name follows.
  const size_t global = text.find("(%rip)");
  if (global != std::string::npos) {
    const size_t distance = text.find_last_of(" \t,", global) + 1;
    text.erase(distance, global - distance);
  }
  ReplaceAll(text, function, "here");
  // The one call, whichever name it has.
  if (text.find("PopShared") != std::string::npos) return "call or jump to PopShared";
  std::istringstream words(text);
  std::string normalised, word;
  while (words >> word) normalised += (normalised.empty() ? "" : " ") + word;
  return normalised;
}

// Padding after the last instruction, up to the next function's alignment.
bool IsPadding(const std::string& instruction) {
  return instruction.find("nop") != std::string::npos || instruction == "xchg %ax,%ax";
}

// The instructions of a function of this very program, registers as the compiler chose them.
std::vector<std::string> Instructions(const std::string& function) {
  const std::string listing = OutputOf("objdump --no-show-raw-insn --disassemble=" + function +
                                       " /proc/" + std::to_string(getpid()) + "/exe 2>&1");
  std::vector<std::string> instructions;
  std::istringstream lines(listing);
  std::string line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line.find("<" + function + ">:") != std::string::npos) {
      inside = true;
    } else if (inside && line.find(":\t") != std::string::npos) {
      instructions.push_back(WithoutAddresses(line, function));
    }
  }
  while (!instructions.empty() && IsPadding(instructions.back())) instructions.pop_back();
  EXPECT_GT(instructions.size(), 5u)
      << "objdump (Debian: binutils) did not list " << function << ":\n"
      << listing;
  return instructions;
}

std::string InLines(const std::vector<std::string>& instructions) {
  std::string text;
  for (const std::string& instruction : instructions) text += "  " + instruction + "\n";
  return text;
}

class SeamTest : public testing::TestWithParam<std::string> {};

TEST_P(SeamTest, CompilesToWhatIsWrittenByHand) {
#if defined(TALLY_INSTRUMENTED)
  GTEST_SKIP() << "sanitizers add instructions of their own, by source line";
#elif !defined(__OPTIMIZE__)
  GTEST_SKIP() << "without optimisation nothing is inlined, so wrappers remain calls";
#endif
  const std::vector<std::string> seam = Instructions("ThroughTheSeam" + GetParam());
  const std::vector<std::string> hand = Instructions("ByHand" + GetParam());
  EXPECT_EQ(InLines(seam), InLines(hand));
  printf("%s: %zu instructions\n", GetParam().c_str(), seam.size());
}

INSTANTIATE_TEST_SUITE_P(Deque, SeamTest, testing::Values("Push", "PopNewest", "Pop", "Steal"),
                         [](const auto& info) { return info.param; });

}  // namespace
