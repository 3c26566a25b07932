#include "scheduler/trace/header_json.h"

#include <gtest/gtest.h>

#include <string>

#include "nlohmann/json.hpp"
#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

using Json = nlohmann::json;

TEST(HeaderJsonTest, ReadsBack) {
  const RecordingHeader header = SampleHeader(8, 4);
  const auto read = HeaderFromJson(HeaderToJson(header));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(HeaderToJson(*read), HeaderToJson(header));
  EXPECT_EQ(read->seed, header.seed);
  EXPECT_EQ(read->node_distances, header.node_distances);
  EXPECT_EQ(read->workers[7].node, NodeId(3));
  EXPECT_EQ(read->workers[7].os_cpu, 107);
}

TEST(HeaderJsonTest, SomeWorkersAreSpares) {
  RecordingHeader header = SampleHeader(8, 4);
  header.spares = 3;
  const auto read = HeaderFromJson(HeaderToJson(header));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->spares, 3u);
  EXPECT_EQ(read->regular_workers(), 5u);
  EXPECT_FALSE(read->IsSpare(4));
  EXPECT_TRUE(read->IsSpare(5));
  EXPECT_FALSE(read->IsSpare(8)) << "the outside";
}

TEST(HeaderJsonTest, AnOldVersionHasNoSpares) {
  Json json = Json::parse(HeaderToJson(SampleHeader(2)));
  json.erase("spares");
  const auto read = HeaderFromJson(json.dump());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->spares, 0u);
}

TEST(HeaderJsonTest, TextsNeedNotBeUtf8) {
  RecordingHeader header = SampleHeader(1);
  header.workload = "\xff\xfe";
  header.topology = std::string(100'000, 'x');
  EXPECT_TRUE(HeaderFromJson(HeaderToJson(header)).ok());
}

TEST(HeaderJsonTest, DistancesThatNobodyKnowsArePlain) {
  RecordingHeader header = SampleHeader(2, 2);
  header.node_distances.clear();
  const auto read = HeaderFromJson(HeaderToJson(header));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->node_distances, (std::vector<int>{10, 20, 20, 10}));
}

TEST(HeaderJsonTest, AFieldOfANewerVersionIsIgnored) {
  Json json = Json::parse(HeaderToJson(SampleHeader(2)));
  json["from_the_future"] = {1, 2, 3};
  EXPECT_TRUE(HeaderFromJson(json.dump()).ok());
}

TEST(HeaderJsonTest, NamesTheFieldThatIsWrong) {
  const Json good = Json::parse(HeaderToJson(SampleHeader(2, 2)));
  const Json wrong[] = {
      {{"workers", Json::array()}},
      {{"workers", "2"}},
      {{"workers", {{0, 0, 2, 0, 0}}}},            // there are nodes 0 and 1
      {{"workers", {{0, 0, 0}}}},                  // cut short
      {{"workers", {{0, 0, 1e9, 0, 0}}}},          // not an integer
      {{"workers", Json(5000, {0, 0, 0, 0, 0})}},  // too many
      {{"node_os_indexes", Json::array()}},
      {{"node_os_indexes", Json(2000, 0)}},
      {{"node_distances", {10, 2000000000, 20, 2000000000}}},  // must not be allocated
      {{"node_distances", {10, 3}}},
      {{"seed", -1}},
      {{"spares", 2}},  // then there is no worker
      {{"spares", -1}},
      {{"spares", (uint64_t{1} << 32) + 1}},
      {{"size", 18446744073709551616.0}},
      {{"world", 5}},
  };
  for (const Json& field : wrong) {
    Json json = good;
    json.update(field);
    const auto read = HeaderFromJson(json.dump());
    ASSERT_FALSE(read.ok()) << field;
    EXPECT_NE(std::string(read.status().message()).find(field.begin().key()), std::string::npos)
        << read.status();
  }
}

TEST(HeaderJsonTest, GarbageIsRefused) {
  for (const char* text : {"", "{", "[]", "null", "{\"workers\":{}}", "\xff"}) {
    EXPECT_FALSE(HeaderFromJson(text).ok()) << text;
  }
}

TEST(SealJsonTest, ReadsBack) {
  const Seal seal = {.summary = {.fingerprint = 0xF000000000000001u,
                                 .decisions = 10,
                                 .timeline = 5,
                                 .timeline_dropped = 1},
                     .lane_digests = {1, ~uint64_t{0}},
                     .lane_chunks = {3, 0}};
  const auto read = SealFromJson(SealToJson(seal), 2);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(SealToJson(*read), SealToJson(seal));
  EXPECT_EQ(read->lane_digests, seal.lane_digests);
  EXPECT_FALSE(SealFromJson(SealToJson(seal), 3).ok());
  EXPECT_FALSE(SealFromJson(SealToJson(seal), 1).ok());
}

}  // namespace
}  // namespace tally
