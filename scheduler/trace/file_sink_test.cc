#include "scheduler/trace/file_sink.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace tally {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FileSinkTest, BytesAreOnDiskAtOnce) {
  const std::string path = testing::TempDir() + "/at_once.tally";
  auto sink = FileSink::Create(path);
  ASSERT_TRUE(sink.ok()) << sink.status();
  (*sink)->Write("hello ");
  (*sink)->Write("world");
  EXPECT_EQ(Contents(path), "hello world");  // not closed: what a killed process leaves
  EXPECT_EQ((*sink)->bytes_written(), 11u);
  EXPECT_TRUE((*sink)->Close().ok());
  (*sink)->Write("ignored");
  EXPECT_TRUE((*sink)->Close().ok());
  EXPECT_EQ(Contents(path), "hello world");
}

TEST(FileSinkTest, AnOlderFileIsReplaced) {
  const std::string path = testing::TempDir() + "/older.tally";
  std::ofstream(path) << "something long and old";
  ASSERT_TRUE((*FileSink::Create(path))->Close().ok());
  EXPECT_EQ(Contents(path), "");
}

TEST(FileSinkTest, SaysWhyAPathCannotBeWritten) {
  const std::string here = testing::TempDir();
  const struct {
    std::string path;
    absl::StatusCode code;
    std::string says;
  } cases[] = {
      {"", absl::StatusCode::kInvalidArgument, "empty"},
      {here, absl::StatusCode::kInvalidArgument, "it is a directory"},
      {here + "/no/such/dir.tally", absl::StatusCode::kNotFound, "no such directory"},
      {"/proc/x.tally", absl::StatusCode::kNotFound, "/proc/x.tally"},
  };
  for (const auto& c : cases) {
    const auto sink = FileSink::Create(c.path);
    ASSERT_FALSE(sink.ok()) << c.path;
    EXPECT_EQ(sink.status().code(), c.code) << sink.status();
    EXPECT_NE(std::string(sink.status().message()).find(c.says), std::string::npos)
        << sink.status();
  }
}

TEST(FileSinkTest, AFullDiskEndsTheFileAndIsRemembered) {
  auto sink = FileSink::Create("/dev/full");
  if (!sink.ok()) GTEST_SKIP() << "no /dev/full here";
  (*sink)->Write("one");
  (*sink)->Write("two");
  const absl::Status status = (*sink)->Close();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(),
            "the recording /dev/full ends after 0 bytes: No space left on device");
  EXPECT_EQ((*sink)->Close(), status);
}

}  // namespace
}  // namespace tally
