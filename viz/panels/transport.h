// Play, pause, step, speed, and where the play head is.
#pragma once

#include "viz/model/session.h"
#include "viz/panels/ui.h"

namespace tally::viz {

void DrawTransport(Ui& ui, const Session& session, Rect box);

}  // namespace tally::viz
