#include "viz/panels/theme.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tally::viz {
namespace {

Colour Mix(Colour a, Colour b, float t) {
  const auto channel = [&](int shift) {
    const float from = static_cast<float>((a >> shift) & 255);
    const float to = static_cast<float>((b >> shift) & 255);
    return static_cast<Colour>(from + (to - from) * t + 0.5f) << shift;
  };
  return channel(0) | channel(8) | channel(16) | channel(24);
}

}  // namespace

float Theme::ScaleFor(int width, int height) {
  const float room = std::min(static_cast<float>(width) / 1280, static_cast<float>(height) / 720);
  return std::clamp(std::pow(room, 0.5f), 0.85f, 2.0f);
}

Colour Theme::State(WorkerState state) const {
  switch (state) {
    case WorkerState::kRunOwn:
      return IM_COL32(0, 158, 115, 255);
    case WorkerState::kRunStolen:
      return IM_COL32(86, 180, 233, 255);
    case WorkerState::kSearchNear:
      return IM_COL32(240, 228, 66, 255);
    case WorkerState::kSearchRemote:
      return IM_COL32(213, 94, 0, 255);
    case WorkerState::kWaitParked:
      return IM_COL32(158, 92, 128, 255);
    case WorkerState::kParked:
      return IM_COL32(42, 48, 60, 255);
    case WorkerState::kAbsent:
      return well;
  }
  return well;
}

Colour Theme::Ramp(float share) const {
  // Lightness rises evenly; the dark end starts just above the background.
  static constexpr Colour kStops[] = {IM_COL32(35, 30, 66, 255),   IM_COL32(86, 36, 117, 255),
                                      IM_COL32(150, 44, 128, 255), IM_COL32(212, 68, 102, 255),
                                      IM_COL32(247, 124, 92, 255), IM_COL32(254, 188, 128, 255),
                                      IM_COL32(253, 240, 190, 255)};
  constexpr int kLast = static_cast<int>(std::size(kStops)) - 1;
  const float at = std::clamp(share, 0.0f, 1.0f) * kLast;
  const int low = std::min(static_cast<int>(at), kLast - 1);
  return Mix(kStops[low], kStops[low + 1], at - static_cast<float>(low));
}

Colour Theme::TextOn(Colour background) const {
  const auto r = static_cast<int>((background >> IM_COL32_R_SHIFT) & 255);
  const auto g = static_cast<int>((background >> IM_COL32_G_SHIFT) & 255);
  const auto b = static_cast<int>((background >> IM_COL32_B_SHIFT) & 255);
  return r * 299 + g * 587 + b * 114 > 128000 ? IM_COL32(16, 18, 22, 255)
                                              : IM_COL32(240, 243, 248, 255);
}

}  // namespace tally::viz
