#include "scheduler/trace/names.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "scheduler/trace/chunk.h"

namespace tally {
namespace {

TEST(NamesTest, ReadBack) {
  std::string payload;
  PutName(7, "seven", payload);
  PutName(0xFFFFFFFF, "", payload);
  std::map<uint32_t, std::string> names;
  ASSERT_TRUE(ReadNames(payload, names));
  EXPECT_EQ(names, (std::map<uint32_t, std::string>{{7, "seven"}, {0xFFFFFFFF, ""}}));
}

TEST(NamesTest, LongTextsAreCut) {
  std::string payload;
  PutName(1, std::string(5000, 'x'), payload);
  std::map<uint32_t, std::string> names;
  ASSERT_TRUE(ReadNames(payload, names));
  EXPECT_EQ(names[1].size(), kNameBytesMax);
}

TEST(NamesTest, ADamagedPayloadAddsNothing) {
  std::string payload;
  PutName(7, "seven", payload);
  PutName(8, "eight", payload);
  std::map<uint32_t, std::string> names;
  const size_t whole = payload.size() / 2;
  for (size_t size = 1; size < payload.size(); ++size) {
    if (size == whole) continue;
    EXPECT_FALSE(ReadNames(std::string_view(payload).substr(0, size), names)) << size;
  }
  EXPECT_TRUE(names.empty());
}

}  // namespace
}  // namespace tally
