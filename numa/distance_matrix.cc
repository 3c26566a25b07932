#include "numa/distance_matrix.h"

#include <algorithm>

namespace tally {
namespace {

constexpr int kLocal = 10;         // ACPI's SLIT: a node to itself
constexpr int kRemoteGuess = 20;   // what Linux assumes as well
constexpr int kFarthest = 100000;  // real ones end at 255; a file can say anything

// SLIT has no 0; some files use it for "nobody measured".
bool Known(uint64_t value) { return value != kUnknownDistance && value != 0; }

// The smallest local distance is the unit: some files give nanoseconds instead of tenths.
uint64_t Unit(const std::vector<uint64_t>& raw, size_t nodes) {
  uint64_t unit = kUnknownDistance;
  for (size_t i = 0; i < nodes; ++i) {
    if (Known(raw[i * nodes + i])) unit = std::min(unit, raw[i * nodes + i]);
  }
  return unit == kUnknownDistance ? kLocal : unit;
}

int Scale(uint64_t value, uint64_t unit) {
  const long double scaled = static_cast<long double>(value) * kLocal / unit;
  return scaled >= kFarthest ? kFarthest : std::max(1, static_cast<int>(scaled + 0.5L));
}

}  // namespace

DistanceMatrix CompleteDistances(const std::optional<std::vector<uint64_t>>& raw, size_t nodes,
                                 const std::vector<size_t>& kept) {
  const size_t n = kept.size();
  DistanceMatrix matrix;
  matrix.values.assign(n * n, 0);  // 0: still unknown
  int farthest = 0;
  if (raw.has_value()) {
    const uint64_t unit = Unit(*raw, nodes);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        const uint64_t value = (*raw)[kept[i] * nodes + kept[j]];
        if (!Known(value)) continue;
        matrix.values[i * n + j] = Scale(value, unit);
        if (i != j) farthest = std::max(farthest, matrix.values[i * n + j]);
      }
    }
    if (unit != kLocal) matrix.notes.push_back("Distances were scaled so that local is 10.");
  }
  matrix.given = farthest > 0;

  size_t missing = 0, lopsided = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      int& value = matrix.values[i * n + j];
      if (value != 0) continue;
      value = i == j ? kLocal : matrix.given ? farthest : kRemoteGuess;
      if (i != j) ++missing;
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (matrix.values[i * n + j] != matrix.values[j * n + i]) ++lopsided;
    }
  }
  if (n > 1 && !matrix.given) {
    matrix.notes.push_back("No distances between nodes: every other node counts as equally far.");
  } else if (missing > 0) {
    matrix.notes.push_back(
        "Some distances between nodes are missing: those count as the farthest one.");
  }
  if (lopsided > 0) {
    matrix.notes.push_back(
        "Distances are not symmetric: from A to B is not as far as from B to A.");
  }
  return matrix;
}

}  // namespace tally
