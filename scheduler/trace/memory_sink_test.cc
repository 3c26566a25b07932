#include "scheduler/trace/memory_sink.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace tally {
namespace {

TEST(MemorySinkTest, GivesEverythingOnceInOrder) {
  MemorySink sink;
  EXPECT_EQ(sink.TakeAll(), "");
  sink.Write("ab");
  sink.Write("c");
  EXPECT_EQ(sink.TakeAll(), "abc");
  EXPECT_EQ(sink.TakeAll(), "");
}

TEST(MemorySinkTest, MayBeTakenFromWhileItIsWritten) {
  MemorySink sink;
  std::thread writer([&] {
    for (int i = 0; i < 10'000; ++i) sink.Write("xyz");
  });
  std::string taken;
  while (taken.size() < 30'000) taken += sink.TakeAll();
  writer.join();
  EXPECT_EQ(taken.find("xyz", 29'997), 29'997u);
}

}  // namespace
}  // namespace tally
