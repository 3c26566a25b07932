#include "scheduler/trace/recording.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "scheduler/trace/recording_writer.h"
#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

TEST(RecordingTest, LossIsSaidInWords) {
  RecordingLoss loss;
  EXPECT_TRUE(loss.any());
  EXPECT_EQ(loss.InWords(), "the recording was cut off before its end");
  loss.sealed = true;
  EXPECT_FALSE(loss.any());
  EXPECT_EQ(loss.InWords(), "");
  loss.chunks_missing = 1;
  loss.bytes_skipped = 12;
  EXPECT_EQ(loss.InWords(), "1 chunk is missing; 12 bytes were unreadable and skipped");
}

TEST(RecordingTest, TheFingerprintDependsOnWhoDidWhat) {
  const Recording recording = SampleRecording(2, 50);
  Recording swapped = recording;
  std::swap(swapped.lanes[0], swapped.lanes[1]);
  EXPECT_NE(Fingerprint(swapped), Fingerprint(recording));
  Recording other_machine = recording;
  other_machine.header.seed = 3;
  other_machine.header.topology = "elsewhere";
  EXPECT_EQ(Fingerprint(other_machine), Fingerprint(recording));
}

TEST(ReadRecordingTest, ReadsAFile) {
  const std::string path = testing::TempDir() + "/whole.tally";
  const Recording recording = SampleRecording(2, 5000);
  std::ofstream(path, std::ios::binary) << WriteRecording(recording);
  const auto read = ReadRecording(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->lanes, recording.lanes);
}

TEST(ReadRecordingTest, SaysWhatIsWrongWithAPath) {
  const std::string here = testing::TempDir();
  std::ofstream(here + "/picture.png") << "\x89PNG\r\n\x1a\n and so on";
  std::ofstream(here + "/empty.tally") << "";
  const struct {
    std::string path;
    absl::StatusCode code;
    std::string says;
  } cases[] = {
      {here + "/absent.tally", absl::StatusCode::kNotFound, "No such file"},
      {here, absl::StatusCode::kInvalidArgument, "is a directory"},
      {here + "/picture.png", absl::StatusCode::kInvalidArgument, "picture.png is not a Tally"},
      {here + "/empty.tally", absl::StatusCode::kInvalidArgument, "shorter than"},
  };
  for (const auto& c : cases) {
    const auto read = ReadRecording(c.path);
    ASSERT_FALSE(read.ok()) << c.path;
    EXPECT_EQ(read.status().code(), c.code) << read.status();
    EXPECT_NE(std::string(read.status().message()).find(c.says), std::string::npos)
        << read.status();
  }
}

}  // namespace
}  // namespace tally
