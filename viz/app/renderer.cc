#include "viz/app/renderer.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backends/imgui_impl_opengl3.h"
#include "imgui.h"

namespace tally::viz {

absl::StatusOr<std::unique_ptr<Renderer>> Renderer::Create(Gl::LookUp look_up) {
  Gl gl;
  std::string missing;
  if (!gl.Load(look_up, &missing)) {
    return absl::UnavailableError(
        absl::StrCat("this machine's OpenGL has no ", missing, "; install libgl1-mesa-dri"));
  }
  if (!ImGui_ImplOpenGL3_Init("#version 150")) {
    return absl::UnavailableError(
        "OpenGL 3.2 could not be started: install libgl1 and libgl1-mesa-dri");
  }
  return std::unique_ptr<Renderer>(new Renderer(gl));
}

Renderer::~Renderer() {
  for (Kept& kept : kept_) {
    if (kept.texture != 0) gl_.DeleteTextures(1, &kept.texture);
  }
  ImGui_ImplOpenGL3_Shutdown();
}

void Renderer::BeginFrame() { ImGui_ImplOpenGL3_NewFrame(); }

void Renderer::ForgetFonts() {
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
}

GLuint Renderer::NewTexture() {
  GLuint texture = 0;
  gl_.GenTextures(1, &texture);
  gl_.BindTexture(GL_TEXTURE_2D, texture);
  // One picture element is one pixel: nothing to smooth.
  gl_.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  gl_.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  gl_.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  gl_.TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  return texture;
}

ImTextureID Renderer::Put(int slot, const PixelImage& image) {
  Kept& kept = kept_[static_cast<size_t>(slot)];
  if (kept.texture == 0) kept.texture = NewTexture();
  if (kept.of != &image || kept.version != image.version()) {
    kept.of = &image;
    kept.version = image.version();
    gl_.BindTexture(GL_TEXTURE_2D, kept.texture);
    gl_.PixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl_.TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, image.width(), image.height(), 0, GL_RGBA,
                   GL_UNSIGNED_BYTE, image.pixels().data());
  }
  return reinterpret_cast<ImTextureID>(static_cast<uintptr_t>(kept.texture));
}

void Renderer::Draw(int width, int height) {
  gl_.Viewport(0, 0, width, height);
  gl_.ClearColor(0.05f, 0.06f, 0.08f, 1);
  gl_.Clear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Renderer::ToWindow(int width, int height) { Draw(width, height); }

absl::StatusOr<Rgba> Renderer::ToMemory(int width, int height) {
  const GLuint colour = NewTexture();
  gl_.TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  GLuint framebuffer = 0;
  gl_.GenFramebuffers(1, &framebuffer);
  gl_.BindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  gl_.FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, colour, 0);
  Rgba picture{width, height, {}};
  const bool complete = gl_.CheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
  if (complete) {
    Draw(width, height);
    const size_t row = static_cast<size_t>(width) * 4;
    picture.bytes.resize(row * static_cast<size_t>(height));
    gl_.PixelStorei(GL_PACK_ALIGNMENT, 4);
    gl_.ReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, picture.bytes.data());
    // OpenGL's first row is the lowest.
    for (size_t y = 0; y < static_cast<size_t>(height) / 2; ++y) {
      const auto top = picture.bytes.begin() + static_cast<std::ptrdiff_t>(y * row);
      const auto bottom = picture.bytes.end() - static_cast<std::ptrdiff_t>((y + 1) * row);
      std::swap_ranges(top, top + static_cast<std::ptrdiff_t>(row), bottom);
    }
  }
  gl_.BindFramebuffer(GL_FRAMEBUFFER, 0);
  gl_.DeleteFramebuffers(1, &framebuffer);
  gl_.DeleteTextures(1, &colour);
  if (!complete) {
    return absl::ResourceExhaustedError(
        absl::StrCat("OpenGL refused a picture of ", width, "x", height, " pixels"));
  }
  return picture;
}

}  // namespace tally::viz
