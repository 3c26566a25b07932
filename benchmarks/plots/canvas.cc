#include "benchmarks/plots/canvas.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "benchmarks/plots/letters.h"

namespace tally::benchmarks {
namespace {

uint8_t Mix(int below, int above, int part_of_255) {
  return static_cast<uint8_t>((below * (255 - part_of_255) + above * part_of_255 + 127) / 255);
}

}  // namespace

Canvas::Canvas(int width, int height, Colour background)
    : width_(width),
      height_(height),
      samples_(static_cast<size_t>(width) * height * kScale * kScale, background) {}

template <class Inside>
void Canvas::FillWhere(double x0, double y0, double x1, double y1, Colour colour,
                       const Inside& inside) {
  const auto sample = [](double at, int end) {
    return std::clamp(static_cast<int>(std::lround(at * kScale)), 0, end * kScale);
  };
  const int left = sample(x0, width_), right = sample(x1, width_);
  for (int y = sample(y0, height_); y < sample(y1, height_); ++y) {
    for (int x = left; x < right; ++x) {
      if (!inside((x + 0.5) / kScale, (y + 0.5) / kScale)) continue;
      samples_[static_cast<size_t>(y) * width_ * kScale + x] = colour;
    }
  }
}

void Canvas::FillRect(double x, double y, double width, double height, Colour colour) {
  FillWhere(x, y, x + width, y + height, colour, [](double, double) { return true; });
}

void Canvas::FillCircle(double x, double y, double radius, Colour colour) {
  FillWhere(x - radius, y - radius, x + radius, y + radius, colour,
            [&](double at_x, double at_y) { return std::hypot(at_x - x, at_y - y) <= radius; });
}

void Canvas::Line(double x0, double y0, double x1, double y1, double thickness, Colour colour) {
  const double half = thickness / 2, length = std::hypot(x1 - x0, y1 - y0);
  if (length == 0) return;
  const double along_x = (x1 - x0) / length, along_y = (y1 - y0) / length;
  FillWhere(std::min(x0, x1) - half, std::min(y0, y1) - half, std::max(x0, x1) + half,
            std::max(y0, y1) + half, colour, [&](double x, double y) {
              const double along = (x - x0) * along_x + (y - y0) * along_y;
              const double across = (y - y0) * along_x - (x - x0) * along_y;
              return along >= 0 && along <= length && std::fabs(across) <= half;
            });
}

double Canvas::TextWidth(double size, std::string_view text, Weight weight) {
  return Letters::Of(weight).Width(text, size * kScale) / kScale;
}

void Canvas::Text(double x, double y, double size, Colour colour, std::string_view text,
                  Align align, Weight weight) {
  const double width = TextWidth(size, text, weight);
  if (align == Align::kCentre) x -= width / 2;
  if (align == Align::kRight) x -= width;
  const auto ink = [&](int at_x, int at_y, int coverage) {
    if (at_x < 0 || at_y < 0 || at_x >= width_ * kScale || at_y >= height_ * kScale) return;
    Colour& below = samples_[static_cast<size_t>(at_y) * width_ * kScale + at_x];
    below = {Mix(below.r, colour.r, coverage), Mix(below.g, colour.g, coverage),
             Mix(below.b, colour.b, coverage)};
  };
  Letters::Of(weight).Draw(text, size * kScale, x * kScale, y * kScale, ink);
}

Colour Canvas::PixelAt(int x, int y) const {
  int r = 0, g = 0, b = 0;
  for (int dy = 0; dy < kSamples; ++dy) {
    for (int dx = 0; dx < kSamples; ++dx) {
      const size_t row = static_cast<size_t>(y) * kSamples + dy;
      const Colour sample = samples_[row * width_ * kScale + x * kSamples + dx];
      r += sample.r;
      g += sample.g;
      b += sample.b;
    }
  }
  constexpr int kCount = kSamples * kSamples;
  return {static_cast<uint8_t>(r / kCount), static_cast<uint8_t>(g / kCount),
          static_cast<uint8_t>(b / kCount)};
}

absl::Status Canvas::WritePng(const std::string& path) const {
  std::vector<uint8_t> rgb;
  rgb.reserve(samples_.size() / kSamples);
  for (int y = 0; y < height_ * kPixels; ++y) {
    for (int x = 0; x < width_ * kPixels; ++x) {
      const Colour pixel = PixelAt(x, y);
      rgb.insert(rgb.end(), {pixel.r, pixel.g, pixel.b});
    }
  }
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.format = PNG_FORMAT_RGB;
  image.width = static_cast<png_uint_32>(width_ * kPixels);
  image.height = static_cast<png_uint_32>(height_ * kPixels);
  if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), 0, nullptr) == 0) {
    return absl::DataLossError(absl::StrCat("cannot write ", path, ": ", image.message));
  }
  return absl::OkStatus();
}

}  // namespace tally::benchmarks
