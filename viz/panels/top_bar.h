// The first line: what is being looked at, whether it runs, and the numbers that matter most.
#pragma once

#include "viz/model/figures.h"
#include "viz/model/session.h"
#include "viz/panels/ui.h"

namespace tally::viz {

void DrawTopBar(Ui& ui, const Session& session, const Figures& figures, Rect box);

}  // namespace tally::viz
