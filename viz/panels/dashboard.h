// The whole window: where each panel goes, and what keys do. One call a frame, between ImGui's
// NewFrame and Render.
#pragma once

#include <vector>

#include "viz/model/figures.h"
#include "viz/model/session.h"
#include "viz/panels/depth_chart.h"
#include "viz/panels/matrix_panels.h"
#include "viz/panels/overview.h"
#include "viz/panels/shown.h"
#include "viz/panels/theme.h"
#include "viz/panels/timeline.h"
#include "viz/panels/ui.h"
#include "viz/panels/worker_panel.h"

namespace tally::viz {

class Dashboard {
 public:
  // Draws the session and does to it what the person asked for.
  void Frame(const Theme& theme, Session* session, Images* images);

  const Shown& shown() const { return shown_; }

 private:
  void Panels(Ui& ui, const Session& session, Rect body);
  void Keys(Ui& ui, const Session& session);

  Shown shown_;
  Figures figures_;
  Overview overview_;
  Timeline timeline_;
  DepthChart depth_;
  StealPanel steals_;
  WorkerPanel workers_;
  std::vector<Command> commands_;
};

}  // namespace tally::viz
