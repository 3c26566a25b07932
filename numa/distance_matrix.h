// Whatever a machine says about the distances between its nodes, as a full SLIT-style matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tally {

// Where nobody said.
inline constexpr uint64_t kUnknownDistance = UINT64_MAX;

struct DistanceMatrix {
  std::vector<int> values;  // kept x kept, row = from, local = 10
  bool given = false;       // false: made up, every other node equally far
  std::vector<std::string> notes;
};

// `raw` is nodes x nodes, with kUnknownDistance where nobody said, in any unit; the result holds
// the rows and columns of `kept`.
DistanceMatrix CompleteDistances(const std::optional<std::vector<uint64_t>>& raw, size_t nodes,
                                 const std::vector<size_t>& kept);

}  // namespace tally
