// Tasks waiting in each worker's deques and each node's injector, over time.
//
// High lanes are drawn as charts, low ones as a heat map: the same depth has the same brightness in
// both, and one scale serves all lanes.
#pragma once

#include <cstdint>

#include "viz/model/row_layout.h"
#include "viz/model/session.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/time_axis.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class DepthChart {
 public:
  void Draw(Ui& ui, const Session& session, Rect box);
  // The colours from nothing to the greatest depth, for the panel's title line.
  void DrawScale(Ui& ui, const Session& session, Rect box);

 private:
  void Paint(const Ui& ui, const Session& session, Rect box);

  PixelImage image_;
  PixelImage scale_;
  RowLayout layout_;
  uint64_t painted_ = 0;
  TimeRange painted_view_;
  TimeGestures gestures_;
};

}  // namespace tally::viz
