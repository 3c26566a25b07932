#include "viz/model/row_layout.h"

#include <algorithm>

namespace tally::viz {

RowLayout LayOutRows(const TraceModel& model, const RowOptions& options) {
  RowLayout layout;
  int used_nodes = 0;
  int full = 0;  // lanes of workers and injectors
  int spares = 0;
  for (int node = 0; node < model.nodes(); ++node) {
    const std::vector<WorkerId>& workers = model.WorkersOf(NodeId(node));
    if (workers.empty()) continue;  // memory only
    ++used_nodes;
    for (WorkerId worker : workers) ++(model.IsSpare(worker) ? spares : full);
    full += options.injectors ? 1 : 0;
  }
  if (full == 0) return layout;
  int node_gap = options.node_gap;
  // Gaps may not eat more than a fifth of the height.
  while (node_gap > 1 && node_gap * (used_nodes - 1) * 5 > options.height) --node_gap;
  const int gaps = node_gap * (used_nodes - 1);
  const int height = options.height - gaps;
  int spare = 0;
  if (spares > 0) {
    const int half = std::min(height / (2 * full + spares), height / (2 * spares));
    spare = std::max(1, std::min(options.spare_max, half));
  }
  const int room = std::clamp(height - spares * spare, full, full * options.lane_max);
  const int full_gap = room / full >= 5 ? options.lane_gap : 0;
  const int spare_gap = spare >= 5 ? options.lane_gap : 0;

  int done = 0;
  int shift = 0;  // by gaps and spares
  const auto edge = [&] {
    return static_cast<int>(static_cast<int64_t>(room) * done / full) + shift;
  };
  const auto add = [&](WorkerId worker, NodeId node, int number) {
    const int top = edge();
    number >= 0 ? shift += spare : ++done;
    const int gap = number >= 0 ? spare_gap : full_gap;
    layout.lanes.push_back({worker, node, number, top, edge() - top - gap});
  };
  for (int n = 0; n < model.nodes(); ++n) {
    const NodeId node(n);
    if (model.WorkersOf(node).empty()) continue;
    const int top = edge();
    for (WorkerId worker : model.WorkersOf(node)) add(worker, node, model.SpareNumber(worker));
    if (options.injectors) add(WorkerId(), node, -1);
    const Lane& last = layout.lanes.back();
    layout.bands.push_back({node, top, last.top + last.height - top});
    shift += node_gap;
  }
  layout.height = room + spares * spare + gaps;
  return layout;
}

const Lane* RowLayout::At(int y) const {
  const auto after = std::upper_bound(lanes.begin(), lanes.end(), y,
                                      [](int at, const Lane& lane) { return at < lane.top; });
  if (after == lanes.begin()) return nullptr;
  const Lane& lane = *(after - 1);
  return y < lane.top + lane.height ? &lane : nullptr;
}

}  // namespace tally::viz
