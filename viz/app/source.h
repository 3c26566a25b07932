// Where recordings come from. Files and running schedulers look the same from here on.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "scheduler/trace/recording.h"

namespace tally::viz {

class Source {
 public:
  virtual ~Source() = default;
  // Takes what has arrived. An error ends the source; what was read stays.
  virtual absl::Status Poll() = 0;
  // The same one every time, growing. Null until its header has arrived.
  virtual const Recording* recording() const = 0;
  // More may come.
  virtual bool live() const = 0;
};

// A whole file, as far as it can be read.
absl::StatusOr<std::unique_ptr<Source>> OpenFile(const std::string& path);

}  // namespace tally::viz
