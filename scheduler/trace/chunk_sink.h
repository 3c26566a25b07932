// Where a recorder's bytes go.
#pragma once

#include <string_view>

namespace tally {

// Receives encoded chunks in the order in which they must be kept. Called under the recorder's
// lock.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual void Write(std::string_view bytes) = 0;
};

}  // namespace tally
