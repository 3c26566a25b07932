#include "numa/topology_spec.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace tally {
namespace {

std::string Write(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(TopologySpec, TellsTheKindsApart) {
  using Kind = TopologySource::Kind;
  EXPECT_EQ(ReadTopologySpec("live")->kind, Kind::kLive);
  EXPECT_EQ(ReadTopologySpec("numa:2 pu:2")->kind, Kind::kSynthetic);
  const std::string path = Write("machine.xml", "<topology version=\"2.0\"></topology>");
  const absl::StatusOr<TopologySource> file = ReadTopologySpec(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->kind, Kind::kXml);
  EXPECT_EQ(file->text, "<topology version=\"2.0\"></topology>");
}

struct BadSpec {
  std::string spec;
  absl::StatusCode code;
  std::string says;
};

TEST(TopologySpec, SaysWhatIsWrongWithEachMistake) {
  using Code = absl::StatusCode;
  const std::string not_xml = Write("not.xml", "hello");
  const std::string empty = Write("empty.xml", "");
  const std::string newer = Write("newer.xml", "<?xml?><topology version=\"3.0\"></topology>");
  const std::string huge = Write("huge.xml", std::string((16 << 20) + 1, 'x'));
  const BadSpec kTable[] = {
      {"", Code::kInvalidArgument, "is empty"},
      {"  ", Code::kInvalidArgument, "is empty"},
      {std::string("pu:2\0x", 6), Code::kInvalidArgument, "not a topology"},
      {std::string(5000, 'x'), Code::kInvalidArgument, "not a topology"},
      {"epyc", Code::kInvalidArgument, "\"epyc\" has no count"},
      {"pu:0", Code::kInvalidArgument, "no count of at least 1"},
      {"pu:-3", Code::kInvalidArgument, "no count of at least 1"},
      {"pu:x", Code::kInvalidArgument, "no count of at least 1"},
      {"pu:8193", Code::kInvalidArgument, "more than 8192 PUs"},
      {"package:100 core:100 pu:2", Code::kInvalidArgument, "more than 8192 PUs"},
      {"pu:99999999999999999999999999", Code::kInvalidArgument, "more than 8192 PUs"},
      {"9999 1", Code::kInvalidArgument, "more than 8192 PUs"},
      {"pu:8192", Code::kInvalidArgument, "more than 4096 things in one"},
      {"package:8 core:1024 l2:1 l1:1 group:1 group:1 pu:1", Code::kInvalidArgument, "in all"},
      {"numa:1025 pu:1", Code::kInvalidArgument, "more than 1024 NUMA nodes"},
      {"package:600 [numa] [numa(memory=1GB)] pu:1", Code::kInvalidArgument, "1024 NUMA nodes"},
      {"no-such-file.xml", Code::kNotFound, "no topology file \"no-such-file.xml\""},
      {"/nowhere/x", Code::kNotFound, "no topology file"},
      {"/", Code::kInvalidArgument, "is a directory"},
      {"/dev/zero", Code::kInvalidArgument, "is not a file"},
      {not_xml, Code::kInvalidArgument, "not an hwloc XML topology"},
      {empty, Code::kInvalidArgument, "not an hwloc XML topology"},
      {newer, Code::kFailedPrecondition, "version 3.0"},
      {huge, Code::kInvalidArgument, "larger than 16 MiB"},
  };
  for (const BadSpec& bad : kTable) {
    const absl::Status status = ReadTopologySpec(bad.spec).status();
    EXPECT_EQ(status.code(), bad.code) << QuoteSpec(bad.spec);
    EXPECT_NE(std::string(status.message()).find(bad.says), std::string::npos) << status;
    EXPECT_EQ(std::string(status.message()).find('\n'), std::string::npos) << status;
  }
}

TEST(TopologySpec, LimitsLetRealMachinesThrough) {
  for (const char* text : {
           "package:2 numa:1 l3:8 core:8 pu:1",
           "package:2 core:4096 pu:1",
           "pu:4096",
           "numa:1024 pu:8",
           "2 2 2",
           "(memory=1GB) package:2(indexes=1,0) l3:4(size=32MB) core:2 pu:2(indexes=2*4:1*2)",
           "package:2 [numa(memory=64GB)] [numa(memory=16GB)] core:4 pu:2",
       }) {
    EXPECT_TRUE(CheckSynthetic(text).ok()) << CheckSynthetic(text).status();
  }
}

TEST(TopologySpec, MessagesQuoteOnOneLineAndNotTooMuch) {
  EXPECT_EQ(QuoteSpec("a\nb"), "\"a\\nb\"");
  EXPECT_LT(QuoteSpec(std::string(4000, 'x')).size(), 200u);
}

TEST(TopologySpec, HwlocOneWroteNoVersion) {
  EXPECT_TRUE(CheckXmlVersion("x", "<topology>").ok());
  EXPECT_TRUE(CheckXmlVersion("x", "<topology version=\"2.0\">").ok());
  EXPECT_FALSE(CheckXmlVersion("x", "<topology version=\"x\">").ok());
}

}  // namespace
}  // namespace tally
