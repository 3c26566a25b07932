#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/trace/chunk.h"
#include "scheduler/trace/event_codec.h"
#include "scheduler/trace/header_json.h"
#include "scheduler/trace/names.h"
#include "scheduler/trace/recording.h"

namespace tally {
namespace {

// What is known of one lane while its chunks arrive.
struct LaneProgress {
  std::vector<NumberedEvent> stretch;  // waits for the other chunk of the same stretch
  uint64_t next_number = 0;            // events below it are in the recording already
  uint64_t next_sequence = 0;          // of the next chunk
};

bool IsKnown(ChunkKind kind) { return kind >= ChunkKind::kHeader && kind <= ChunkKind::kSeal; }

}  // namespace

struct RecordingBuilder::Impl {
  absl::Status Parse();
  size_t TakeChunk(std::string_view bytes);
  bool Apply(const ChunkHeader& header, std::string_view payload);
  bool AcceptSequence(const ChunkHeader& header);
  bool ApplyHeader(std::string_view payload);
  bool ApplyEvents(const ChunkHeader& header, std::string_view payload);
  bool ApplySeal(std::string_view payload);
  void Commit(size_t lane);
  void LeaveOutIdleSpares();

  Recording recording;
  std::vector<LaneProgress> progress;  // by lane; empty: no header yet
  uint64_t next_file_sequence = 0;     // of chunks that belong to no lane
  std::string buffer;                  // bytes that are not yet whole chunks
  bool started = false;                // the file's start has been seen
  absl::Status failed;
  absl::Status header_error;  // why the header could not be read, if it was seen
};

// Consumes from the buffer whatever is whole.
absl::Status RecordingBuilder::Impl::Parse() {
  std::string_view bytes = buffer;
  if (!started) {
    if (bytes.size() < kFileStartBytes) return absl::OkStatus();
    if (absl::Status status = CheckFileStart(bytes); !status.ok()) return status;
    started = true;
    bytes.remove_prefix(kFileStartBytes);
  }
  while (bytes.size() >= kChunkHeaderBytes) {
    const size_t taken = TakeChunk(bytes);
    if (taken == 0) break;
    bytes.remove_prefix(taken);
  }
  buffer.erase(0, buffer.size() - bytes.size());
  return absl::OkStatus();
}

// How many bytes at the front are done with; 0: more must come first.
size_t RecordingBuilder::Impl::TakeChunk(std::string_view bytes) {
  const std::optional<ChunkHeader> header = ParseChunkHeader(bytes);
  if (!header) {
    // Whatever this is, the next magic is where reading can go on.
    const size_t next = bytes.find(kChunkMagic, 1);
    const size_t skip =
        next != std::string_view::npos ? next : bytes.size() - kChunkMagic.size() + 1;
    recording.loss.bytes_skipped += skip;
    return skip;
  }
  const size_t size = kChunkHeaderBytes + header->payload_bytes;
  if (bytes.size() < size) return 0;
  const std::string_view payload = bytes.substr(kChunkHeaderBytes, header->payload_bytes);
  if (!PayloadChecksumHolds(*header, payload) || !Apply(*header, payload)) {
    recording.loss.bytes_skipped += size;
  }
  return size;
}

// False: the checksums hold but the contents make no sense.
bool RecordingBuilder::Impl::Apply(const ChunkHeader& header, std::string_view payload) {
  if (header.kind == ChunkKind::kHeader) return ApplyHeader(payload);
  if (progress.empty() || recording.has_seal) return false;
  if (!IsKnown(header.kind)) return true;  // of a newer minor version
  if (!AcceptSequence(header)) return false;
  switch (header.kind) {
    case ChunkKind::kNames:
      return ReadNames(payload, recording.names);
    case ChunkKind::kDecisions:
    case ChunkKind::kTimeline:
      return ApplyEvents(header, payload);
    case ChunkKind::kSeal:
      return ApplySeal(payload);
    default:
      return false;
  }
}

// Counts the chunks that are missing before this one; false if it is not a new one.
bool RecordingBuilder::Impl::AcceptSequence(const ChunkHeader& header) {
  const bool of_file = header.lane == kFileLane;
  if (!of_file && header.lane >= progress.size()) return false;
  uint64_t& next = of_file ? next_file_sequence : progress[header.lane].next_sequence;
  if (header.sequence < next) return false;
  // The two chunks of a stretch follow each other; after a gap the other half is lost.
  if (header.sequence > next && !of_file) Commit(header.lane);
  recording.loss.chunks_missing += header.sequence - next;
  next = uint64_t{header.sequence} + 1;
  return true;
}

bool RecordingBuilder::Impl::ApplyHeader(std::string_view payload) {
  if (!progress.empty()) return false;  // there is one already
  next_file_sequence = 1;
  absl::StatusOr<RecordingHeader> header = HeaderFromJson(payload);
  if (!header.ok()) {
    header_error = header.status();
    return false;
  }
  recording.header = *std::move(header);
  recording.lanes.resize(recording.header.workers.size() + 1);
  progress.resize(recording.lanes.size());
  return true;
}

bool RecordingBuilder::Impl::ApplyEvents(const ChunkHeader& header, std::string_view payload) {
  if (header.lane == kFileLane) return false;
  LaneProgress& lane = progress[header.lane];
  const std::optional<std::vector<NumberedEvent>> events = DecodeEvents(header, payload);
  if (!events) return false;
  if (!events->empty() && events->front().number < lane.next_number) return false;
  recording.loss.timeline_dropped += header.dropped;

  const auto middle = static_cast<std::ptrdiff_t>(lane.stretch.size());
  lane.stretch.insert(lane.stretch.end(), events->begin(), events->end());
  std::inplace_merge(
      lane.stretch.begin(), lane.stretch.begin() + middle, lane.stretch.end(),
      [](const NumberedEvent& a, const NumberedEvent& b) { return a.number < b.number; });
  if ((header.flags & kStretchContinues) == 0) Commit(header.lane);
  return true;
}

bool RecordingBuilder::Impl::ApplySeal(std::string_view payload) {
  absl::StatusOr<Seal> seal = SealFromJson(payload, progress.size());
  if (!seal.ok()) return false;
  for (size_t lane = 0; lane < progress.size(); ++lane) {
    Commit(lane);
    // Chunks lost at a lane's end leave no gap: only the seal tells.
    const uint64_t written = seal->lane_chunks[lane];
    recording.loss.chunks_missing += written - std::min(written, progress[lane].next_sequence);
  }
  recording.has_seal = true;
  recording.loss.sealed = true;
  recording.seal = seal->summary;
  recording.lane_digests = std::move(seal->lane_digests);
  return true;
}

// Moves a lane's waiting stretch into the recording.
void RecordingBuilder::Impl::Commit(size_t index) {
  LaneProgress& lane = progress[index];
  if (lane.stretch.empty()) return;
  for (const NumberedEvent& event : lane.stretch) recording.lanes[index].push_back(event.event);
  lane.next_number = lane.stretch.back().number + 1;
  lane.stretch.clear();
}

// Most programs never block, and nobody wants to see who might have stood in. The last ones only:
// the others' ids are in events.
void RecordingBuilder::Impl::LeaveOutIdleSpares() {
  RecordingHeader& header = recording.header;
  while (header.spares > 0 && recording.lanes[header.workers.size() - 1].empty()) {
    const auto last = static_cast<std::ptrdiff_t>(header.workers.size()) - 1;
    header.workers.pop_back();
    --header.spares;
    recording.lanes.erase(recording.lanes.begin() + last);
    if (recording.has_seal) recording.lane_digests.erase(recording.lane_digests.begin() + last);
  }
}

RecordingBuilder::RecordingBuilder() : impl_(std::make_unique<Impl>()) {}
RecordingBuilder::~RecordingBuilder() = default;

absl::Status RecordingBuilder::Append(std::string_view bytes) {
  if (!impl_->failed.ok()) return impl_->failed;
  impl_->buffer.append(bytes);
  impl_->failed = impl_->Parse();
  return impl_->failed;
}

absl::Status RecordingBuilder::Finish() {
  Impl& impl = *impl_;
  if (!impl.failed.ok()) return impl.failed;
  impl.recording.loss.bytes_skipped += impl.buffer.size();
  impl.buffer.clear();
  if (!impl.progress.empty()) {
    for (size_t lane = 0; lane < impl.progress.size(); ++lane) impl.Commit(lane);
    return absl::OkStatus();
  }
  if (!impl.started) return absl::InvalidArgumentError("it is shorter than a recording's start");
  if (!impl.header_error.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("its header cannot be read: ", impl.header_error.message()));
  }
  return absl::InvalidArgumentError("it has no whole header");
}

bool RecordingBuilder::has_header() const { return !impl_->progress.empty(); }
const Recording& RecordingBuilder::recording() const { return impl_->recording; }
Recording RecordingBuilder::Take() {
  impl_->LeaveOutIdleSpares();
  return std::move(impl_->recording);
}

}  // namespace tally
