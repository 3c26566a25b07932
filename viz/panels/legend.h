// What the colours mean, and where to find out more.
#pragma once

#include "viz/model/figures.h"
#include "viz/panels/ui.h"

namespace tally::viz {

void DrawLegend(Ui& ui, const Figures& figures, Rect box);

}  // namespace tally::viz
