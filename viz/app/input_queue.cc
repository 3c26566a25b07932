#include "viz/app/input_queue.h"

#include <iterator>

namespace tally::viz {

void InputQueue::Feed(ImGuiIO* io) {
  bool changed = false;
  bool moved = false;
  while (!events_.empty()) {
    const InputEvent event = events_.front();
    const bool press =
        event.kind == InputEvent::Kind::kButton || event.kind == InputEvent::Kind::kKey;
    // A press belongs to where the mouse was; a second change, and a move after one, to the next
    // frame.
    if (changed && (press || event.kind == InputEvent::Kind::kMove)) return;
    if (moved && press && event.kind == InputEvent::Kind::kButton) return;
    events_.pop_front();
    switch (event.kind) {
      case InputEvent::Kind::kMove:
        io->MousePos = {event.x, event.y};
        moved = true;
        break;
      case InputEvent::Kind::kButton:
        if (event.code >= 0 && event.code < IM_ARRAYSIZE(io->MouseDown)) {
          io->MouseDown[event.code] = event.down;
        }
        changed = true;
        break;
      case InputEvent::Kind::kWheel:
        io->MouseWheel += event.y;
        io->MouseWheelH += event.x;
        break;
      case InputEvent::Kind::kKey:
        if (event.code >= 0 && event.code < IM_ARRAYSIZE(io->KeysDown)) {
          io->KeysDown[event.code] = event.down;
        }
        changed = true;
        break;
    }
    if (event.kind != InputEvent::Kind::kMove) {
      io->KeyCtrl = event.ctrl;
      io->KeyShift = event.shift;
    }
  }
}

}  // namespace tally::viz
