#include "viz/panels/pixel_image.h"

#include <algorithm>
#include <cmath>

namespace tally::viz {
namespace {

constexpr int kStackFrom = 5;    // pixels: lower lanes cannot be stacked
constexpr int kPatternFrom = 7;  // pixels: lower lanes have no room for a pattern

Colour Lighten(Colour colour, int by) {
  const auto channel = [&](int shift) {
    const int value = static_cast<int>((colour >> shift) & 255) + by;
    return static_cast<Colour>(std::clamp(value, 0, 255)) << shift;
  };
  return channel(IM_COL32_R_SHIFT) | channel(IM_COL32_G_SHIFT) | channel(IM_COL32_B_SHIFT) |
         (colour & IM_COL32_A_MASK);
}

// Says the same as the colour, for whoever cannot tell the colours apart.
Colour Patterned(Colour colour, WorkerState state, int x, int y) {
  switch (state) {
    case WorkerState::kRunStolen:
      return (x + y) % 6 == 0 ? Lighten(colour, 60) : colour;
    case WorkerState::kSearchRemote:
      return (x + 96 - y % 96) % 4 == 0 ? Lighten(colour, -70) : colour;
    case WorkerState::kWaitParked:
      return y % 3 == 0 ? Lighten(colour, -50) : colour;
    default:
      return colour;
  }
}

Colour Mixture(const Theme& theme, const StateTimes& times, Nanos total) {
  double sum[4] = {};
  for (int s = 0; s < kWorkerStates; ++s) {
    const double share =
        static_cast<double>(times[static_cast<size_t>(s)]) / static_cast<double>(total);
    const Colour colour = theme.State(static_cast<WorkerState>(s));
    for (int c = 0; c < 4; ++c) sum[c] += share * static_cast<double>((colour >> (8 * c)) & 255);
  }
  Colour mixed = 0;
  for (int c = 0; c < 4; ++c) mixed |= static_cast<Colour>(sum[c] + 0.5) << (8 * c);
  return mixed;
}

}  // namespace

void PixelImage::Resize(int width, int height, Colour fill) {
  width_ = std::max(1, width);
  height_ = std::max(1, height);
  pixels_.assign(static_cast<size_t>(width_) * static_cast<size_t>(height_), fill);
  ++version_;
}

void PixelImage::Fill(int x, int y, int w, int h, Colour colour) {
  for (int row = std::max(0, y); row < std::min(height_, y + h); ++row) {
    for (int column = std::max(0, x); column < std::min(width_, x + w); ++column) {
      Set(column, row, colour);
    }
  }
}

void PaintStates(const Theme& theme, const StateTimes& times, int x, int top, int height,
                 PixelImage* image) {
  Nanos total = 0;
  for (Nanos time : times) total += time;
  if (total == 0) return;
  if (height < kStackFrom) {
    image->Fill(x, top, 1, height, Mixture(theme, times, total));
    return;
  }
  Nanos sum = 0;
  int done = 0;
  for (int s = 0; s < kWorkerStates; ++s) {
    const auto state = static_cast<WorkerState>(s);
    sum += times[static_cast<size_t>(s)];
    // Rounding the running sum, not each part, keeps the column exactly as high as the lane.
    const int upto =
        static_cast<int>((static_cast<__int128>(sum) * height * 2 + total) / (2 * total));
    for (; done < upto; ++done) {
      const int y = top + height - 1 - done;
      const Colour colour = theme.State(state);
      image->Set(x, y, height < kPatternFrom ? colour : Patterned(colour, state, x, y));
    }
  }
}

float DepthShare(uint32_t depth, uint32_t scale) {
  if (depth == 0 || scale == 0) return 0;
  return std::log2(1.0f + static_cast<float>(depth)) / std::log2(1.0f + static_cast<float>(scale));
}

void PaintDepth(const Theme& theme, MinMax depth, uint32_t scale, bool heat, int x, int top,
                int height, PixelImage* image) {
  const auto rows = [&](uint32_t value) {
    if (value == 0) return 0;
    return std::clamp(
        static_cast<int>(std::lround(DepthShare(value, scale) * static_cast<float>(height))), 1,
        height);
  };
  const int low = rows(depth.min);
  const int high = rows(depth.max);
  for (int i = 0; i < high; ++i) {
    // Each height has its own brightness, the same as in the heat map.
    const float share = 0.25f + 0.65f * static_cast<float>(i) / static_cast<float>(height);
    const Colour colour = heat ? theme.Ramp(share) : theme.depth;
    image->Set(x, top + height - 1 - i, i < low ? colour : Lighten(colour, heat ? -45 : -28));
  }
}

}  // namespace tally::viz
