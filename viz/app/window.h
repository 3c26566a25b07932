// A window with OpenGL and its mouse and keyboard. The only part that knows GLFW.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "viz/app/gl.h"
#include "viz/app/input_queue.h"

namespace tally::viz {

class Window {
 public:
  // Unavailable, in words, where there is no display or no OpenGL. `input` receives what the
  // person does and must outlive the window.
  static absl::StatusOr<std::unique_ptr<Window>> Open(int width, int height, const char* title);
  virtual ~Window() = default;

  static Gl::LookUp LookUp();

  // From now on, input goes to `queue`.
  virtual void SendInputTo(InputQueue* queue) = 0;
  // Waits for something to happen, but not longer than `seconds`; 0: does not wait. True if
  // anything did.
  virtual bool Wait(double seconds) = 0;
  virtual bool closing() const = 0;
  // Minimised, or of no size: nothing to draw on.
  virtual bool visible() const = 0;
  virtual void Size(int* width, int* height) const = 0;
  virtual void Show() = 0;  // what was drawn
};

// Why a window cannot be had here; empty if one might.
const char* NoDisplay();

}  // namespace tally::viz
