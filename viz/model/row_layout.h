// Where each worker's lane goes, top to bottom, grouped by node.
//
// Workers' lanes share the height evenly. Spares rest most of the time and are less asked for: each
// gets at most half of what a worker gets, and all together at most half of the height. Where a
// lane gets less than a few pixels, edges are rounded so that the lanes still tile the height
// exactly; below one pixel the content is higher than the panel and scrolls.
#pragma once

#include <vector>

#include "viz/model/trace_model.h"

namespace tally::viz {

struct Lane {
  WorkerId worker;  // invalid: the injector of `node`
  NodeId node;
  int spare = -1;  // see TraceModel::SpareNumber()
  int top = 0;
  int height = 0;

  bool is_spare() const { return spare >= 0; }
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
  int spare_max = 17;      // the same of spares
  int node_gap = 6;        // between two nodes
  int lane_gap = 1;        // between two lanes that are tall enough to afford one
  bool injectors = false;  // a lane for each node's injector, after its workers
};

RowLayout LayOutRows(const TraceModel& model, const RowOptions& options);

}  // namespace tally::viz
