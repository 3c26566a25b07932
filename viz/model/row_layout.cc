#include "viz/model/row_layout.h"

#include <algorithm>

namespace tally::viz {

RowLayout LayOutRows(const TraceModel& model, const RowOptions& options) {
  RowLayout layout;
  int used_nodes = 0;
  int lanes = 0;
  for (int node = 0; node < model.nodes(); ++node) {
    const int workers = static_cast<int>(model.WorkersOf(NodeId(node)).size());
    if (workers == 0) continue;  // memory only
    ++used_nodes;
    lanes += workers + (options.injectors ? 1 : 0);
  }
  if (lanes == 0) return layout;
  int node_gap = options.node_gap;
  // Gaps may not eat more than a fifth of the height.
  while (node_gap > 1 && node_gap * (used_nodes - 1) * 5 > options.height) --node_gap;
  const int gaps = node_gap * (used_nodes - 1);
  const int room = std::clamp(options.height - gaps, lanes, lanes * options.lane_max);
  const int lane_gap = room / lanes >= 5 ? options.lane_gap : 0;

  int done = 0;
  int shift = 0;
  const auto edge = [&](int lane) {
    return static_cast<int>(static_cast<int64_t>(room) * lane / lanes);
  };
  const auto add = [&](WorkerId worker, NodeId node) {
    const int top = edge(done);
    const int bottom = edge(++done);
    layout.lanes.push_back({worker, node, top + shift, bottom - top - lane_gap});
  };
  for (int n = 0; n < model.nodes(); ++n) {
    const NodeId node(n);
    if (model.WorkersOf(node).empty()) continue;
    const int top = edge(done) + shift;
    for (WorkerId worker : model.WorkersOf(node)) add(worker, node);
    if (options.injectors) add(WorkerId(), node);
    layout.bands.push_back({node, top, edge(done) + shift - top - lane_gap});
    shift += node_gap;
  }
  layout.height = room + gaps;
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
