#include "sim/timed/context.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace tally::timed {
namespace {

// Two coroutines that hand the turn back to the test after each step.
struct Pair {
  Context host;
  Context contexts[2];
  Stack stacks[2] = {Stack::Take(), Stack::Take()};
  std::vector<std::string> seen;
};

struct Argument {
  Pair* pair;
  int self;
};

void ThrowAndSwitchInsideHandlers(void* argument) {
  auto [pair, self] = *static_cast<Argument*>(argument);
  for (int i = 0; i < 2; ++i) {
    try {
      throw std::runtime_error("of fiber " + std::to_string(self));
    } catch (...) {
      Context::Switch(pair->contexts[self], pair->host);
      try {
        std::rethrow_exception(std::current_exception());
      } catch (const std::exception& mine) {
        pair->seen.push_back(mine.what());
      }
    }
  }
  Context::Leave(pair->contexts[self], pair->host);
}

TEST(ContextTest, AHandlerSeesItsOwnExceptionAfterASwitch) {
  Pair pair;
  Argument arguments[2] = {{&pair, 0}, {&pair, 1}};
  for (int i : {0, 1}) {
    pair.contexts[i].Prepare(pair.stacks[i], ThrowAndSwitchInsideHandlers, &arguments[i]);
  }
  for (int round = 0; round < 3; ++round) {
    for (int i : {0, 1}) Context::Switch(pair.host, pair.contexts[i]);
  }
  EXPECT_EQ(pair.seen,
            (std::vector<std::string>{"of fiber 0", "of fiber 1", "of fiber 0", "of fiber 1"}));
  EXPECT_EQ(std::current_exception(), nullptr) << "a fiber's exception leaked into the host";
}

TEST(ContextTest, StacksAreReused) {
  void* base = nullptr;
  {
    const Stack first = Stack::Take();
    ASSERT_TRUE(first.ok());
    base = first.base();
  }
  const Stack second = Stack::Take();
  EXPECT_EQ(second.base(), base);
}

TEST(ContextDeathTest, AnOverflowHitsTheGuardPage) {
  const Stack stack = Stack::Take();
  EXPECT_DEATH(static_cast<volatile char*>(stack.base())[-1] = 1, "");
}

}  // namespace
}  // namespace tally::timed
