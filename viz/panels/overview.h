// All workers over the whole recording, in one strip: where to look. Without spares, as shares of
// the workers' time are everywhere (worker_table.h).
#pragma once

#include <cstdint>

#include "viz/model/session.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/time_axis.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class Overview {
 public:
  void Draw(Ui& ui, const Session& session, Rect box);

 private:
  void Paint(const Theme& theme, const TraceModel& model, Rect box);

  PixelImage image_;
  uint64_t painted_ = 0;
  bool dragging_ = false;
  bool moved_ = false;
  Nanos anchor_ = 0;
};

}  // namespace tally::viz
