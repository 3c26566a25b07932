#include "viz/model/matrices.h"

#include <algorithm>

namespace tally::viz {

StealMatrix BuildStealMatrix(const TraceModel& model, TimeRange range) {
  StealMatrix matrix;
  size_t shown = 0;
  for (int node = 0; node < model.nodes(); ++node) shown += model.WorkersOf(NodeId(node)).size();
  matrix.by_node = shown > StealMatrix::kWorkersShown;
  std::vector<size_t> position(static_cast<size_t>(model.workers()));
  for (int node = 0; node < model.nodes(); ++node) {
    if (matrix.by_node) {
      matrix.order.push_back(node);
      matrix.group.push_back(node);
    }
    for (WorkerId worker : model.WorkersOf(NodeId(node))) {
      if (!matrix.by_node) {
        matrix.order.push_back(worker.value());
        matrix.group.push_back(node);
      }
      position[worker.index()] = matrix.order.size() - 1;
    }
  }
  const size_t n = matrix.order.size();
  matrix.n = static_cast<int>(n);
  matrix.cells.assign(n * n, 0);
  matrix.by_thief.assign(n, 0);
  matrix.by_victim.assign(n, 0);
  std::vector<uint64_t> from(static_cast<size_t>(model.workers()));
  for (int w = 0; w < model.workers(); ++w) {
    const WorkerId thief(w);
    std::fill(from.begin(), from.end(), 0);
    model.worker(thief).steals().AddTo(range, from.data());
    for (int v = 0; v < model.workers(); ++v) {
      const uint64_t steals = from[static_cast<size_t>(v)];
      const size_t row = position[thief.index()];
      const size_t column = position[static_cast<size_t>(v)];
      matrix.cells[row * n + column] += steals;
      matrix.by_thief[row] += steals;
      matrix.by_victim[column] += steals;
      matrix.total += steals;
      if (model.NodeOf(thief) != model.NodeOf(WorkerId(v))) matrix.remote += steals;
    }
  }
  for (uint64_t cell : matrix.cells) matrix.greatest = std::max(matrix.greatest, cell);
  return matrix;
}

CrossNodeMatrix BuildCrossNodeMatrix(const TraceModel& model, TimeRange range) {
  CrossNodeMatrix matrix;
  const auto n = static_cast<size_t>(model.nodes());
  matrix.n = model.nodes();
  matrix.cells.resize(n * n);
  matrix.unknown.resize(n);
  std::vector<uint64_t> counts(n + 1);
  std::vector<uint64_t> bytes(n + 1);
  const auto add = [](CrossNodeMatrix::Cell* cell, uint64_t accesses, uint64_t size) {
    cell->accesses += accesses;
    cell->bytes += size;
  };
  for (int w = 0; w < model.workers(); ++w) {
    const size_t from = model.NodeOf(WorkerId(w)).index();
    std::fill(counts.begin(), counts.end(), 0);
    std::fill(bytes.begin(), bytes.end(), 0);
    model.worker(WorkerId(w)).touches().AddTo(range, counts.data(), bytes.data());
    for (size_t home = 0; home < n; ++home) {
      add(&matrix.cells[from * n + home], counts[home], bytes[home]);
      add(home == from ? &matrix.local : &matrix.cross, counts[home], bytes[home]);
    }
    add(&matrix.unknown[from], counts[n], bytes[n]);
    add(&matrix.unknown_total, counts[n], bytes[n]);
  }
  for (const auto& cell : matrix.cells) matrix.greatest = std::max(matrix.greatest, cell.accesses);
  return matrix;
}

}  // namespace tally::viz
