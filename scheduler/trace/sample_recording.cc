#include "scheduler/trace/sample_recording.h"

#include <iterator>

namespace tally {

RecordingHeader SampleHeader(size_t workers, size_t nodes) {
  RecordingHeader header;
  header.world = "timed";
  header.workload = "sample";
  header.size = 7;
  header.topology = "package:1 numa:2 core:2 pu:1";
  header.topology_summary = "2 nodes";
  header.placement = "compact";
  header.policy = "nearest";
  header.seed = 0xFEDCBA9876543210u;
  header.program_version = "test";
  header.cross_node_source = "declared";
  for (size_t i = 0; i < workers; ++i) {
    const auto id = static_cast<int32_t>(i);
    const auto node = static_cast<int32_t>(i * nodes / workers);
    header.workers.push_back({.cpu = CpuId(id),
                              .os_cpu = id + 100,
                              .node = NodeId(node),
                              .l3 = L3Id(id / 2),
                              .package = PackageId(node / 2)});
  }
  for (size_t from = 0; from < nodes; ++from) {
    header.node_os_indexes.push_back(static_cast<int>(2 * from));
    for (size_t to = 0; to < nodes; ++to) header.node_distances.push_back(from == to ? 10 : 32);
  }
  return header;
}

Event SampleEvent(uint64_t salt) {
  static constexpr EventKind kKinds[] = {
      EventKind::kSpawn, EventKind::kDepth,     EventKind::kBegin, EventKind::kTouch,
      EventKind::kSteal, EventKind::kStealFail, EventKind::kEnd};
  uint64_t bits = (salt + 1) * 0x9E3779B97F4A7C15u;
  bits ^= bits >> 31;
  Event event;
  event.time = static_cast<Nanos>(salt * 100 + bits % 90);
  event.kind = kKinds[salt % std::size(kKinds)];
  event.task = salt % 5 == 0 ? bits : salt % 11;
  event.arg = salt % 3 == 0 ? ~bits : 4096;
  event.aux = static_cast<uint32_t>(salt % 4 == 0 ? bits : 3);
  event.peer = static_cast<int16_t>(bits % 3) - 1;
  event.detail = static_cast<uint8_t>(bits >> 40) & 0x0f;
  return event;
}

Recording SampleRecording(size_t workers, size_t events) {
  Recording recording;
  recording.header = SampleHeader(workers);
  recording.names = {{NameHash("fib"), "fib"}, {NameHash("merge sort"), "merge sort"}};
  recording.lanes.resize(workers + 1);
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    for (size_t i = 0; i < events; ++i) recording.lanes[lane].push_back(SampleEvent(i + lane));
  }
  return recording;
}

}  // namespace tally
