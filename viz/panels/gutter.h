// The labels left of the lanes: nodes as bands, workers as numbers, as many as fit.
#pragma once

#include "viz/model/row_layout.h"
#include "viz/panels/ui.h"

namespace tally::viz {

int GutterWidth(const Ui& ui);
// `top`: where the layout's y = 0 is on the screen. Labels outside of `box` are left out.
void DrawGutter(Ui& ui, const RowLayout& layout, Rect box, int top);

}  // namespace tally::viz
