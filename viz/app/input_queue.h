// Mouse and keys, one change a frame.
//
// Conflict: ImGui 1.86 sees only the state at the start of a frame, so a press and its release
// inside one slow frame would be lost. Events wait here and are released until one would undo
// another of the same frame. Windows and scripts feed the same queue.
#pragma once

#include <deque>

#include "imgui.h"

namespace tally::viz {

struct InputEvent {
  enum class Kind { kMove, kButton, kWheel, kKey };
  Kind kind = Kind::kMove;
  float x = 0;   // kMove: position; kWheel: horizontal
  float y = 0;   // kWheel: lines, up is positive
  int code = 0;  // kButton: 0 left, 1 right, 2 middle; kKey: GLFW's code
  bool down = false;
  bool ctrl = false;
  bool shift = false;
};

class InputQueue {
 public:
  void Push(const InputEvent& event) { events_.push_back(event); }
  bool empty() const { return events_.empty(); }
  // Hands over what one frame may see.
  void Feed(ImGuiIO* io);

 private:
  std::deque<InputEvent> events_;
};

}  // namespace tally::viz
