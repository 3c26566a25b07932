#include "sim/metrics/touched_json.h"

#include <utility>

namespace tally {

using Json = nlohmann::ordered_json;

Json TouchedJson(const Metrics::Touched& touched) {
  return {
      {"local_accesses", touched.local.accesses},       {"local_bytes", touched.local.bytes},
      {"cross_node_accesses", touched.remote.accesses}, {"cross_node_bytes", touched.remote.bytes},
      {"unknown_accesses", touched.unknown.accesses},   {"unknown_bytes", touched.unknown.bytes}};
}

Json TouchedByTaskTypeJson(const Metrics& metrics) {
  Json types = Json::array();
  for (const Metrics::TaskTouched& task : metrics.touched_by_task) {
    Json type = {{"name", task.name}};
    type.update(TouchedJson(task.touched));
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace tally
