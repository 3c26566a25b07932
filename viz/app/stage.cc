#include "viz/app/stage.h"

#include <algorithm>

#include "imgui.h"

namespace tally::viz {

Stage::Stage(Session* session, int width, int height)
    : session_(session), width_(width), height_(height) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // nothing on disk decides what is drawn
  io.LogFilename = nullptr;
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  io.MousePos = {-1, -1};
  theme_ = std::make_unique<Theme>(Theme::ScaleFor(width, height));
  LoadFonts(io.Fonts, theme_.get());
}

Stage::~Stage() { ImGui::DestroyContext(); }

bool Stage::Resize(int width, int height) {
  width_ = std::max(1, width);
  height_ = std::max(1, height);
  const float scale = Theme::ScaleFor(width_, height_);
  if (scale == theme_->scale()) return false;
  theme_ = std::make_unique<Theme>(scale);
  LoadFonts(ImGui::GetIO().Fonts, theme_.get());
  return true;
}

void Stage::BuildFonts() {
  unsigned char* pixels = nullptr;
  int width = 0;
  int height = 0;
  ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  ImGui::GetIO().Fonts->SetTexID(reinterpret_cast<ImTextureID>(uintptr_t{1}));
}

void Stage::Frame(double seconds, Images* images) {
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(width_), static_cast<float>(height_)};
  io.DeltaTime = static_cast<float>(std::max(seconds, 1e-5));
  input_.Feed(&io);
  session_->Advance(seconds);
  ImGui::NewFrame();
  dashboard_.Frame(*theme_, session_, images);
  ImGui::Render();
}

}  // namespace tally::viz
