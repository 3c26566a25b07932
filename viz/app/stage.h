// The dashboard with its ImGui context, and no idea of windows or OpenGL: what is drawn is left in
// ImGui's draw data. Tests run it as it is; windows and pictures put a renderer behind it.
#pragma once

#include <memory>

#include "viz/app/input_queue.h"
#include "viz/model/session.h"
#include "viz/panels/dashboard.h"
#include "viz/panels/theme.h"

namespace tally::viz {

// Keeps pictures nowhere.
class NoImages : public Images {
 public:
  ImTextureID Put(int slot, const PixelImage&) override {
    return reinterpret_cast<ImTextureID>(static_cast<uintptr_t>(slot) + 2);
  }
};

class Stage {
 public:
  Stage(Session* session, int width, int height);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // True if the fonts have changed with the size: a renderer must fetch them again.
  bool Resize(int width, int height);
  int width() const { return width_; }
  int height() const { return height_; }

  InputQueue& input() { return input_; }
  // One frame, `seconds` after the one before: input, session, panels.
  void Frame(double seconds, Images* images);
  // For stages without a renderer: ImGui wants its fonts built.
  void BuildFonts();

  const Shown& shown() const { return dashboard_.shown(); }
  const Theme& theme() const { return *theme_; }

 private:
  Session* session_;
  int width_;
  int height_;
  std::unique_ptr<Theme> theme_;
  InputQueue input_;
  Dashboard dashboard_;
};

}  // namespace tally::viz
