#include "scheduler/trace/recording_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "numa/check.h"
#include "scheduler/trace/chunk.h"
#include "scheduler/trace/chunk_writer.h"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/header_json.h"
#include "scheduler/trace/lane_log.h"
#include "scheduler/trace/memory_sink.h"

namespace tally {
namespace {

// Writes one lane's events; returns its hashes and how many chunks there are.
LaneLog WriteLane(uint16_t index, const std::vector<Event>& events, uint64_t dropped,
                  ChunkWriter& writer) {
  LaneLog log(index, /*encode=*/true);
  log.SetDropped(dropped);
  for (Event event : events) {
    event.time = std::clamp(event.time, -kTimeMax, kTimeMax);
    log.Add(event);
    if (log.full()) writer.Write(log.TakeChunks());
  }
  writer.Write(log.TakeChunks());
  return log;
}

}  // namespace

std::string WriteRecording(const Recording& recording) {
  TALLY_CHECK(recording.lanes.size() == recording.header.workers.size() + 1,
              "a recording has a lane for each worker and one for the outside");
  MemorySink sink;
  ChunkWriter writer({&sink});
  writer.Start(recording.header);
  for (const auto& [hash, text] : recording.names) writer.Name(hash, text);

  Seal seal;
  std::vector<uint64_t> decisions;
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    const LaneLog log = WriteLane(static_cast<uint16_t>(lane), recording.lanes[lane],
                                  lane == 0 ? recording.loss.timeline_dropped : 0, writer);
    decisions.push_back(log.hasher().decisions_hash());
    seal.lane_digests.push_back(log.hasher().digest());
    seal.lane_chunks.push_back(log.chunks());
    seal.summary.decisions += log.hasher().decisions();
    seal.summary.timeline += log.hasher().timeline();
  }
  seal.summary.timeline_dropped = recording.loss.timeline_dropped;
  seal.summary.fingerprint = CombineLanes(decisions, recording.header.spares);
  if (recording.has_seal) {
    seal.summary = recording.seal;
    seal.lane_digests = recording.lane_digests;
  }
  writer.Finish(seal);
  return sink.TakeAll();
}

}  // namespace tally
