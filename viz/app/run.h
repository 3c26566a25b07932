// The two ways of showing a source: in a window, or as a picture with nobody watching.
#pragma once

#include "viz/app/options.h"
#include "viz/app/source.h"
#include "viz/app/window.h"

namespace tally::viz {

// Both return the exit code, having said on stderr what went wrong.

// Until the window is closed, or the script is done.
int RunInWindow(const Options& options, Source* source, std::unique_ptr<Window> window);

// No display, no window: plays the script if there is one, then does what was asked of
// --screenshot and --dump-state. A fixed time step makes the picture repeatable.
int RunHeadless(const Options& options, Source* source);

// One sentence on stderr.
void Complain(const std::string& sentence);
// What a damaged recording has lost, if anything, on stderr.
void ComplainOfLoss(const Source& source);

}  // namespace tally::viz
