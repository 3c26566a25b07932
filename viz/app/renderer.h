// Puts a frame that ImGui has described onto the window, or into memory for a picture.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "viz/app/gl.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/slots.h"

namespace tally::viz {

struct Rgba {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> bytes;  // 4 a pixel, top row first
};

// Needs a current OpenGL context for its whole life, and ImGui's context.
class Renderer : public Images {
 public:
  static absl::StatusOr<std::unique_ptr<Renderer>> Create(Gl::LookUp look_up);
  ~Renderer() override;
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // Before ImGui::NewFrame.
  void BeginFrame();
  // The fonts have changed.
  void ForgetFonts();
  ImTextureID Put(int slot, const PixelImage& image) override;
  // What ImGui::Render left, into the window.
  void ToWindow(int width, int height);
  // The same, into a framebuffer of its own: no window or display takes part.
  absl::StatusOr<Rgba> ToMemory(int width, int height);

 private:
  struct Kept {
    GLuint texture = 0;
    uint64_t version = 0;
    const PixelImage* of = nullptr;
  };

  explicit Renderer(const Gl& gl) : gl_(gl) {}
  GLuint NewTexture();
  void Draw(int width, int height);

  Gl gl_;
  std::array<Kept, kPictureSlots> kept_;
};

}  // namespace tally::viz
