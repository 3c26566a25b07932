#include "viz/panels/keys.h"

#include <cctype>

namespace tally::viz {
namespace {

constexpr Binding kBindings[] = {
    {kKeySpace, false, false, Verb::kPlayPause, 1, "Space",
     "play or pause; live: freeze or follow"},
    {kKeyRight, false, false, Verb::kStepForward, 1, "Right", "one decision forward"},
    {kKeyLeft, false, false, Verb::kStepBack, 1, "Left", "one decision back"},
    {kKeyRight, true, false, Verb::kStepStealForward, 1, "Ctrl+Right", "to the next steal"},
    {kKeyLeft, true, false, Verb::kStepStealBack, 1, "Ctrl+Left", "to the steal before"},
    {kKeyHome, false, false, Verb::kStart, 1, "Home", "to the beginning"},
    {kKeyEnd, false, false, Verb::kEnd, 1, "End", "to the end; live: follow"},
    {kKeyMinus, false, false, Verb::kSlower, 1, "-", "play slower"},
    {kKeyEqual, false, false, Verb::kFaster, 1, "=", "play faster"},
    {kKeyW, false, false, Verb::kZoom, 0.8, "W", "zoom in at the mouse"},
    {kKeyS, false, false, Verb::kZoom, 1.25, "S", "zoom out"},
    {kKeyA, false, false, Verb::kPan, -0.1, "A", "move left"},
    {kKeyD, false, false, Verb::kPan, 0.1, "D", "move right"},
    {kKeyF, false, false, Verb::kFit, 1, "F", "show all of it"},
    {kKeyT, false, false, Verb::kArrows, 1, "T", "steal arrows on or off"},
    {kKeyEscape, false, false, Verb::kUnselect, 1, "Esc", "drop the selection; close this"},
    {kKeySlash, false, true, Verb::kHelp, 1, "?", "this help"},
    {kKeyF1, false, false, Verb::kHelp, 1, "F1", "this help"},
    {kKeyQ, true, false, Verb::kQuit, 1, "Ctrl+Q", "quit"},
};

constexpr MouseHelp kMouse[] = {
    {"Wheel", "zoom at the cursor"},
    {"Shift+wheel", "scroll the workers"},
    {"Drag", "move in time"},
    {"Right drag", "select a range: every panel follows"},
    {"Double click", "show the task under the cursor, or all"},
    {"Click the ruler", "move the play head"},
    {"Overview", "drag to select, click to go there"},
};

bool SameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(a[i])) !=
        std::toupper(static_cast<unsigned char>(b[i]))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::span<const Binding> Bindings() { return kBindings; }

const Binding* FindBinding(std::string_view text) {
  for (const Binding& binding : kBindings) {
    if (SameText(binding.name, text)) return &binding;
  }
  return nullptr;
}

std::span<const MouseHelp> MouseBindings() { return kMouse; }

}  // namespace tally::viz
