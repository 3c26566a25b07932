// A picture made pixel by pixel, which the panels draw as one rectangle.
//
// Conflict: 192 workers times a thousand columns times several states are too many rectangles for a
// software renderer, and merging neighbours would lose the truth about mixed pixels. Pixels are
// what the screen has, so the lanes are painted as pixels: the cost is the panel's area, whatever
// the recording's size.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/min_max_series.h"
#include "viz/model/worker_state.h"
#include "viz/panels/theme.h"

namespace tally::viz {

class PixelImage {
 public:
  void Resize(int width, int height, Colour fill);
  int width() const { return width_; }
  int height() const { return height_; }
  const std::vector<Colour>& pixels() const { return pixels_; }
  // Changes with every repaint: whoever keeps a copy compares it.
  uint64_t version() const { return version_; }

  void Set(int x, int y, Colour colour) {
    pixels_[static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)] = colour;
  }
  void Fill(int x, int y, int w, int h, Colour colour);

 private:
  int width_ = 0;
  int height_ = 0;
  uint64_t version_ = 0;
  std::vector<Colour> pixels_;
};

// Where pictures are kept for drawing: textures, or nothing at all in tests without a renderer.
class Images {
 public:
  virtual ~Images() = default;
  // The picture in `slot` from now on; a slot keeps its id until its picture changes size.
  virtual ImTextureID Put(int slot, const PixelImage& image) = 0;
};

// One pixel column of a lane: the states' shares of the column's time. A lane of a few pixels gets
// their mixture; a higher one gets them stacked from the bottom, run states first, so that the
// zoomed-out lane reads as a utilisation chart.
void PaintStates(const Theme& theme, const StateTimes& times, int x, int top, int height,
                 PixelImage* image);

// One pixel column of a depth chart: the band between the least and the greatest depth stands on
// what was always there. `heat`: in the colours of the heat map, else quietly in grey.
void PaintDepth(const Theme& theme, MinMax depth, uint32_t scale, bool heat, int x, int top,
                int height, PixelImage* image);

// A share of the ramp for a depth: logarithmic, because the first few tasks matter most.
float DepthShare(uint32_t depth, uint32_t scale);

}  // namespace tally::viz
