#include "scheduler/trace/recording_writer.h"

#include <gtest/gtest.h>

#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

Recording ReadBack(const Recording& recording) {
  RecordingBuilder builder;
  EXPECT_TRUE(builder.Append(WriteRecording(recording)).ok());
  EXPECT_TRUE(builder.Finish().ok());
  return builder.Take();
}

TEST(RecordingWriterTest, WritesWhatTheReaderReads) {
  const Recording recording = SampleRecording(3, 10'000);
  const Recording read = ReadBack(recording);
  EXPECT_EQ(read.lanes, recording.lanes);
  EXPECT_EQ(read.names, recording.names);
  EXPECT_FALSE(read.loss.any()) << read.loss.InWords();
  EXPECT_EQ(read.seal.fingerprint, Fingerprint(recording));
  EXPECT_EQ(read.lane_digests[1], LaneDigest(recording.lanes[1]));
}

TEST(RecordingWriterTest, KeepsASealThatNoLongerFits) {
  Recording changed = ReadBack(SampleRecording(2, 10));
  const uint64_t before = changed.seal.fingerprint;
  changed.lanes[0][0].task ^= 1;
  changed.lanes[1][5].time = -7;  // backwards: written as it is
  const Recording read = ReadBack(changed);
  EXPECT_EQ(read.lanes, changed.lanes);
  EXPECT_EQ(read.seal.fingerprint, before);
  EXPECT_NE(Fingerprint(read), before);
}

TEST(RecordingWriterTest, KeepsWhatWasDropped) {
  Recording recording = SampleRecording(2, 10);
  recording.loss.timeline_dropped = 42;
  EXPECT_EQ(ReadBack(recording).loss.timeline_dropped, 42u);
}

}  // namespace
}  // namespace tally
