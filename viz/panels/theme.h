// Every colour, font and distance of the dashboard, in one table.
//
// The colours that carry meaning are Okabe and Ito's, which stay apart for the common kinds of
// colour blindness; a pattern repeats what the colour says. Grey is for what is not happening. One
// accent, which no datum uses, marks what a person can move: the play head, the selection, what is
// switched on.
#pragma once

#include <cstdint>

#include "imgui.h"
#include "viz/model/worker_state.h"

namespace tally::viz {

using Colour = ImU32;  // as ImGui packs it: IM_COL32

struct Fonts {
  ImFont* small = nullptr;
  ImFont* body = nullptr;
  ImFont* strong = nullptr;
  ImFont* large = nullptr;
};

class Theme {
 public:
  // For a window of this size: larger windows get larger type, but less than in proportion, so
  // that they also show more.
  static float ScaleFor(int width, int height);
  explicit Theme(float scale) : scale_(scale) {}

  float scale() const { return scale_; }
  // A distance of the design (at 1280 x 720), in whole pixels.
  int Px(float distance) const { return static_cast<int>(distance * scale_ + 0.5f); }

  Colour window = IM_COL32(13, 16, 21, 255);
  Colour panel = IM_COL32(21, 25, 32, 255);
  Colour panel_edge = IM_COL32(38, 44, 55, 255);
  Colour well = IM_COL32(15, 18, 24, 255);  // behind data
  Colour grid = IM_COL32(255, 255, 255, 16);
  Colour text = IM_COL32(232, 236, 242, 255);
  Colour text_dim = IM_COL32(146, 156, 173, 255);
  Colour text_faint = IM_COL32(98, 108, 125, 255);
  Colour accent = IM_COL32(167, 139, 250, 255);
  Colour accent_soft = IM_COL32(167, 139, 250, 46);
  Colour button = IM_COL32(34, 40, 51, 255);
  Colour button_hot = IM_COL32(48, 56, 71, 255);
  Colour depth = IM_COL32(92, 102, 122, 255);  // queues, where they are not the subject
  Colour warning = IM_COL32(230, 159, 0, 255);
  Colour shade = IM_COL32(13, 16, 21, 150);  // over what is after the play head
  Colour steal_near = IM_COL32(240, 228, 66, 130);
  Colour steal_remote = IM_COL32(230, 110, 30, 220);

  Colour State(WorkerState state) const;
  // 0 (nothing) to 1 (the most) from dark to bright, evenly to the eye.
  Colour Ramp(float share) const;
  // The one of black and white that can be read on `background`.
  Colour TextOn(Colour background) const;

  Fonts fonts;

 private:
  float scale_;
};

// Fills theme->fonts from Debian's fonts-roboto-unhinted, or fonts-dejavu-core, or what ImGui
// carries itself. Call before the first frame; clears the atlas.
void LoadFonts(ImFontAtlas* atlas, Theme* theme);

}  // namespace tally::viz
