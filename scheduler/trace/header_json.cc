#include "scheduler/trace/header_json.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/chunk.h"
#include "scheduler/trace/digest.h"

namespace tally {
namespace {

using Json = nlohmann::json;

constexpr size_t kTextBytesMax = 16 << 10;
constexpr size_t kNodesMax = 1024;
constexpr int kIdMax = 1 << 20;
constexpr int kLocalDistance = 10;
constexpr int kRemoteDistance = 20;

std::string Dump(const Json& json) {
  // Texts come from command lines and need not be UTF-8; a replaced character beats an exception.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads fields of one object; remembers the first thing that was wrong.
class Fields {
 public:
  explicit Fields(std::string_view text) : json_(Json::parse(text, nullptr, false)) {
    if (!json_.is_object()) status_ = absl::InvalidArgumentError("not a JSON object");
  }

  const absl::Status& status() const { return status_; }
  void Wrong(std::string_view name) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("field \"", std::string(name), "\" is missing or out of range"));
    }
  }

  const Json* Find(const char* name) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  // Optional; empty if absent.
  std::string Text(const char* name) {
    const Json* json = Find(name);
    if (json == nullptr) return "";
    if (!json->is_string() || json->get_ref<const std::string&>().size() > kTextBytesMax) {
      Wrong(name);
      return "";
    }
    return json->get<std::string>();
  }
  uint64_t Unsigned(const char* name) {
    const Json* json = Find(name);
    if (json != nullptr && json->is_number_unsigned()) return json->get<uint64_t>();
    Wrong(name);
    return 0;
  }
  bool Bool(const char* name, bool fallback) {
    const Json* json = Find(name);
    return json != nullptr && json->is_boolean() ? json->get<bool>() : fallback;
  }
  uint64_t Hex(const char* name) {
    const Json* json = Find(name);
    const std::optional<uint64_t> value = json == nullptr ? std::nullopt : AsHex(*json);
    if (!value) Wrong(name);
    return value.value_or(0);
  }
  const Json* Array(const char* name, size_t size_max) {
    const Json* json = Find(name);
    if (json != nullptr && json->is_array() && json->size() <= size_max) return json;
    Wrong(name);
    return nullptr;
  }

  static std::optional<uint64_t> AsHex(const Json& json) {
    uint64_t value = 0;
    if (!json.is_string()) return std::nullopt;
    const auto& text = json.get_ref<const std::string&>();
    if (!absl::SimpleHexAtoi(absl::string_view(text.data(), text.size()), &value)) {
      return std::nullopt;
    }
    return value;
  }
  static std::optional<int> AsInt(const Json& json, int min, int max) {
    if (!json.is_number_integer()) return std::nullopt;
    // An unsigned number beyond int64 would wrap.
    if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(max)) {
      return std::nullopt;
    }
    const int64_t value = json.get<int64_t>();
    if (value < min || value > max) return std::nullopt;
    return static_cast<int>(value);
  }

 private:
  Json json_;
  absl::Status status_;
};

std::string Clip(const std::string& text) { return text.substr(0, kTextBytesMax); }

// Rows of a distance matrix repeat themselves, so runs: [distance, how often, ...].
Json RunsOf(const std::vector<int>& values) {
  Json runs = Json::array();
  for (size_t i = 0; i < values.size();) {
    size_t end = i;
    while (end < values.size() && values[end] == values[i]) ++end;
    runs.push_back(values[i]);
    runs.push_back(end - i);
    i = end;
  }
  return runs;
}

// Exactly `size` values, or nothing.
std::optional<std::vector<int>> FromRuns(const Json& runs, size_t size) {
  std::vector<int> values;
  if (!runs.is_array() || runs.size() % 2 != 0) return std::nullopt;
  for (size_t i = 0; i < runs.size(); i += 2) {
    const auto value = Fields::AsInt(runs[i], 0, kIdMax);
    const auto count = Fields::AsInt(runs[i + 1], 1, std::numeric_limits<int>::max());
    if (!value || !count) return std::nullopt;
    if (static_cast<size_t>(*count) > size - values.size()) return std::nullopt;
    values.insert(values.end(), static_cast<size_t>(*count), *value);
  }
  if (values.size() != size) return std::nullopt;
  return values;
}

std::vector<int> PlainDistances(size_t nodes) {
  std::vector<int> distances(nodes * nodes, kRemoteDistance);
  for (size_t node = 0; node < nodes; ++node) distances[node * nodes + node] = kLocalDistance;
  return distances;
}

std::optional<RecordingHeader::Worker> WorkerFrom(const Json& json, size_t nodes) {
  if (!json.is_array() || json.size() < 5) return std::nullopt;
  std::optional<int> numbers[5];
  for (size_t i = 0; i < 5; ++i) {
    numbers[i] = Fields::AsInt(json[i], -1, i == 2 ? static_cast<int>(nodes) - 1 : kIdMax);
    if (!numbers[i]) return std::nullopt;
  }
  return RecordingHeader::Worker{.cpu = CpuId(*numbers[0]),
                                 .os_cpu = *numbers[1],
                                 .node = NodeId(*numbers[2]),
                                 .l3 = L3Id(*numbers[3]),
                                 .package = PackageId(*numbers[4])};
}

void ReadMachine(Fields& fields, RecordingHeader& header) {
  const Json* nodes = fields.Array("node_os_indexes", kNodesMax);
  const Json* workers = fields.Array("workers", kWorkersMax);
  if (nodes == nullptr || workers == nullptr) return;
  if (nodes->empty()) fields.Wrong("node_os_indexes");
  if (workers->empty()) fields.Wrong("workers");
  for (const Json& node : *nodes) {
    const auto os_index = Fields::AsInt(node, -1, kIdMax);
    if (!os_index) fields.Wrong("node_os_indexes");
    header.node_os_indexes.push_back(os_index.value_or(-1));
  }
  for (const Json& json : *workers) {
    const auto worker = WorkerFrom(json, nodes->size());
    if (!worker) fields.Wrong("workers");
    header.workers.push_back(worker.value_or(RecordingHeader::Worker{}));
  }
  // Version 1.0 has none.
  const uint64_t spares = fields.Find("spares") != nullptr ? fields.Unsigned("spares") : 0;
  if (spares != 0 && spares >= workers->size()) fields.Wrong("spares");
  header.spares = static_cast<uint32_t>(spares);
  const size_t cells = nodes->size() * nodes->size();
  const Json* runs = fields.Find("node_distances");
  const auto distances = runs == nullptr ? PlainDistances(nodes->size()) : FromRuns(*runs, cells);
  if (!distances) fields.Wrong("node_distances");
  header.node_distances = distances.value_or(std::vector<int>());
}

std::vector<uint64_t> HexArray(Fields& fields, const char* name, size_t size) {
  std::vector<uint64_t> values;
  const Json* array = fields.Array(name, size);
  if (array == nullptr) return values;
  for (const Json& json : *array) {
    const auto value = Fields::AsHex(json);
    if (value) values.push_back(*value);
  }
  if (values.size() != size) fields.Wrong(name);
  return values;
}

Json HexArray(const std::vector<uint64_t>& values) {
  Json array = Json::array();
  for (uint64_t value : values) array.push_back(FingerprintText(value));
  return array;
}

}  // namespace

std::string HeaderToJson(const RecordingHeader& header) {
  Json workers = Json::array();
  for (const RecordingHeader::Worker& worker : header.workers) {
    workers.push_back({worker.cpu.value(), worker.os_cpu, worker.node.value(), worker.l3.value(),
                       worker.package.value()});
  }
  Json json = {{"world", Clip(header.world)},
               {"workload", Clip(header.workload)},
               {"size", header.size},
               {"topology", Clip(header.topology)},
               {"topology_summary", Clip(header.topology_summary)},
               {"placement", Clip(header.placement)},
               {"policy", Clip(header.policy)},
               {"seed", header.seed},
               {"program_version", Clip(header.program_version)},
               {"workers", std::move(workers)},
               {"spares", header.spares},
               {"node_os_indexes", header.node_os_indexes},
               {"cross_node_source", Clip(header.cross_node_source)},
               {"from_create", header.from_create}};
  const size_t nodes = header.node_os_indexes.size();
  if (header.node_distances.size() == nodes * nodes) {
    json["node_distances"] = RunsOf(header.node_distances);
  }
  return Dump(json);
}

absl::StatusOr<RecordingHeader> HeaderFromJson(std::string_view text) {
  Fields fields(text);
  RecordingHeader header;
  header.world = fields.Text("world");
  header.workload = fields.Text("workload");
  header.size = fields.Unsigned("size");
  header.topology = fields.Text("topology");
  header.topology_summary = fields.Text("topology_summary");
  header.placement = fields.Text("placement");
  header.policy = fields.Text("policy");
  header.seed = fields.Unsigned("seed");
  header.program_version = fields.Text("program_version");
  header.cross_node_source = fields.Text("cross_node_source");
  header.from_create = fields.Bool("from_create", true);
  ReadMachine(fields, header);
  if (!fields.status().ok()) return fields.status();
  return header;
}

std::string SealToJson(const Seal& seal) {
  return Dump({{"fingerprint", FingerprintText(seal.summary.fingerprint)},
               {"decisions", seal.summary.decisions},
               {"timeline", seal.summary.timeline},
               {"timeline_dropped", seal.summary.timeline_dropped},
               {"lane_digests", HexArray(seal.lane_digests)},
               {"lane_chunks", HexArray(seal.lane_chunks)}});
}

absl::StatusOr<Seal> SealFromJson(std::string_view text, size_t lanes) {
  Fields fields(text);
  Seal seal;
  seal.summary.fingerprint = fields.Hex("fingerprint");
  seal.summary.decisions = fields.Unsigned("decisions");
  seal.summary.timeline = fields.Unsigned("timeline");
  seal.summary.timeline_dropped = fields.Unsigned("timeline_dropped");
  seal.lane_digests = HexArray(fields, "lane_digests", lanes);
  seal.lane_chunks = HexArray(fields, "lane_chunks", lanes);
  if (!fields.status().ok()) return fields.status();
  return seal;
}

}  // namespace tally
