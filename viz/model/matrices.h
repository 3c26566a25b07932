// Who robs whom, and whose memory is used from where: counts over a range of time.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/trace_model.h"

namespace tally::viz {

// Steals by thief (row) and victim (column). Worker by worker up to kWorkersShown; above, a cell
// smaller than a pixel says nothing, so rows and columns are nodes.
struct StealMatrix {
  static constexpr int kWorkersShown = 64;

  bool by_node = false;
  int n = 0;
  std::vector<int> order;       // position -> WorkerId or NodeId; workers are sorted by node
  std::vector<int> group;       // position -> NodeId, to draw the blocks
  std::vector<uint64_t> cells;  // [thief position * n + victim position]
  std::vector<uint64_t> by_thief;
  std::vector<uint64_t> by_victim;
  uint64_t greatest = 0;
  uint64_t total = 0;
  uint64_t remote = 0;  // thief and victim on different nodes

  uint64_t at(int thief, int victim) const {
    return cells[static_cast<size_t>(thief) * static_cast<size_t>(n) + static_cast<size_t>(victim)];
  }
};
StealMatrix BuildStealMatrix(const TraceModel& model, TimeRange range);

// Declared memory accesses by the worker's node (row) and the memory's home node (column).
struct CrossNodeMatrix {
  struct Cell {
    uint64_t accesses = 0;
    uint64_t bytes = 0;
  };
  int n = 0;
  std::vector<Cell> cells;    // [from * n + home]
  std::vector<Cell> unknown;  // [from]: the kernel could not say where the memory lives
  Cell local;
  Cell cross;
  Cell unknown_total;
  uint64_t greatest = 0;  // accesses of the fullest cell

  const Cell& at(int from, int home) const {
    return cells[static_cast<size_t>(from) * static_cast<size_t>(n) + static_cast<size_t>(home)];
  }
  bool any() const { return local.accesses + cross.accesses + unknown_total.accesses != 0; }
};
CrossNodeMatrix BuildCrossNodeMatrix(const TraceModel& model, TimeRange range);

}  // namespace tally::viz
