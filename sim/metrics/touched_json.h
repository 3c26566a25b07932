// What tasks declared they touch, as JSON: the same keys wherever it is reported.
#pragma once

#include "nlohmann/json.hpp"
#include "sim/metrics/metrics.h"

namespace tally {

// One object with the accesses and bytes that were local, between nodes, and of unknown home.
nlohmann::ordered_json TouchedJson(const Metrics::Touched& touched);

// An array of such objects, one for each type of task that declared anything, with its "name".
nlohmann::ordered_json TouchedByTaskTypeJson(const Metrics& metrics);

}  // namespace tally
