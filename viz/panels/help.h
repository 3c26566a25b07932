// Every key and gesture, over the dimmed dashboard; printed from the tables that bind them.
#pragma once

#include "viz/panels/ui.h"

namespace tally::viz {

void DrawHelp(Ui& ui, Rect window);

}  // namespace tally::viz
