// Thief by victim, and node by node, as squares of colour with their numbers where there is room.
#pragma once

#include <cstdint>

#include "viz/model/figures.h"
#include "viz/model/session.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class StealPanel {
 public:
  void Draw(Ui& ui, const Session& session, const Figures& figures, Rect box);

 private:
  PixelImage image_;
  uint64_t painted_ = 0;
};

void DrawCrossNodePanel(Ui& ui, const Session& session, const Figures& figures, Rect box);

}  // namespace tally::viz
