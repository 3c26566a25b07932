// OpenGL with no display at all: what --screenshot draws with.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "viz/app/gl.h"

namespace tally::viz {

// Current on the calling thread for its whole life.
class EglContext {
 public:
  // Unavailable, with the Debian package to install, if EGL or its software renderer is missing.
  static absl::StatusOr<std::unique_ptr<EglContext>> Create();
  ~EglContext();
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;

  static void (*LookUp(const char* name))();

 private:
  EglContext() = default;
  void* display_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace tally::viz
