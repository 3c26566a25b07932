#include "scheduler/trace/varint.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace tally {
namespace {

TEST(VarintTest, ReadsBackWhatWasPut) {
  for (int shift = 0; shift < 64; ++shift) {
    for (uint64_t value :
         {uint64_t{1} << shift, (uint64_t{1} << shift) - 1, ~uint64_t{0} >> shift}) {
      std::string bytes;
      PutVarint(value, bytes);
      ByteReader in(bytes);
      EXPECT_EQ(in.Varint(), value);
      EXPECT_TRUE(in.ok());
      EXPECT_TRUE(in.empty());
    }
  }
}

TEST(VarintTest, TakesOneBytePerSevenBits) {
  for (const auto& [value, size] :
       {std::pair<uint64_t, size_t>{0, 1}, {127, 1}, {128, 2}, {16383, 2}, {UINT64_MAX, 10}}) {
    std::string bytes;
    PutVarint(value, bytes);
    EXPECT_EQ(bytes.size(), size) << value;
  }
}

TEST(VarintTest, ZigZagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  for (int64_t value : {int64_t{0}, int64_t{-1}, int64_t{77}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(UnZigZag(ZigZag(value)), value);
  }
}

TEST(ByteReaderTest, AVarintThatNeverEndsIsAnError) {
  ByteReader in(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
  EXPECT_EQ(in.Varint(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(ByteReaderTest, BitsBeyondThe64thAreAnError) {
  ByteReader in(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  in.Varint();
  EXPECT_FALSE(in.ok());
}

TEST(ByteReaderTest, NeverReadsBeyondTheEnd) {
  ByteReader in("abc");
  EXPECT_EQ(in.Bytes(2), "ab");
  EXPECT_EQ(in.Bytes(2), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.Byte(), 0);
  EXPECT_EQ(in.Varint(), 0u);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace tally
