// Which key asks for what: the only such table. The help is printed from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "viz/model/command.h"

namespace tally::viz {

// Numbers as GLFW has them, which libimgui 1.86 passes through; the window checks that they agree.
enum Key : int {
  kKeySpace = 32,
  kKeyComma = 44,
  kKeyMinus = 45,
  kKeyPeriod = 46,
  kKeySlash = 47,
  kKeyEqual = 61,
  kKeyA = 65,
  kKeyD = 68,
  kKeyF = 70,
  kKeyQ = 81,
  kKeyS = 83,
  kKeyT = 84,
  kKeyW = 87,
  kKeyEscape = 256,
  kKeyRight = 262,
  kKeyLeft = 263,
  kKeyHome = 268,
  kKeyEnd = 269,
  kKeyF1 = 290,
};

struct Binding {
  Key key;
  bool ctrl;
  bool shift;
  Verb verb;
  double factor;     // of Verb::kZoom, or of the view's length for Verb::kPan
  const char* name;  // as printed on the key
  const char* what;  // empty: the same as the line above, told there
};

std::span<const Binding> Bindings();

// "SPACE", "?", "F1", "CTRL+LEFT" as scripts write them. Null if there is no such key here.
const Binding* FindBinding(std::string_view text);

struct MouseHelp {
  const char* name;
  const char* what;
};
std::span<const MouseHelp> MouseBindings();

}  // namespace tally::viz
