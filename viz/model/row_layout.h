// Where each worker's lane goes, top to bottom, grouped by node.
//
// Lanes share the height evenly. Where a lane gets less than a few pixels, edges are rounded so
// that the lanes still tile the height exactly; below one pixel the content is higher than the
// panel and scrolls.
#pragma once

#include <vector>

#include "viz/model/trace_model.h"

namespace tally::viz {

struct Lane {
  WorkerId worker;  // invalid: the injector of `node`
  NodeId node;
  int top = 0;
  int height = 0;
};

struct NodeBand {
  NodeId node;
  int top = 0;
  int height = 0;
};

struct RowLayout {
  std::vector<Lane> lanes;
  std::vector<NodeBand> bands;
  int height = 0;  // of the whole content

  // The lane at this y, or null between them.
  const Lane* At(int y) const;
};

struct RowOptions {
  int height = 0;          // available
  int lane_max = 64;       // taller lanes than this look empty
  int node_gap = 6;        // between two nodes
  int lane_gap = 1;        // between two lanes that are tall enough to afford one
  bool injectors = false;  // a lane for each node's injector, after its workers
};

RowLayout LayOutRows(const TraceModel& model, const RowOptions& options);

}  // namespace tally::viz
