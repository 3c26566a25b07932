// A sheet to draw on: shapes and letters, in layout units, smoothed by drawing large and shrinking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tally::benchmarks {

struct Colour {
  uint8_t r = 0, g = 0, b = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

enum class Align { kLeft, kCentre, kRight };
enum class Weight { kRegular, kStrong };

class Canvas {
 public:
  static constexpr int kPixels = 2;  // per layout unit, so that it stays sharp on dense screens

  Canvas(int width, int height, Colour background);

  int width() const { return width_; }
  int height() const { return height_; }

  void FillRect(double x, double y, double width, double height, Colour colour);
  void FillCircle(double x, double y, double radius, Colour colour);
  void Line(double x0, double y0, double x1, double y1, double thickness, Colour colour);
  // `y` is the baseline, `size` the height of the letters' line. UTF-8.
  void Text(double x, double y, double size, Colour colour, std::string_view text,
            Align align = Align::kLeft, Weight weight = Weight::kRegular);
  static double TextWidth(double size, std::string_view text, Weight weight = Weight::kRegular);

  // The picture's pixel, `kPixels` of them to a unit.
  Colour PixelAt(int x, int y) const;
  absl::Status WritePng(const std::string& path) const;

 private:
  static constexpr int kSamples = 3;  // per pixel and direction
  static constexpr int kScale = kPixels * kSamples;

  // Draws where `inside(x, y)`, in units, of the samples in that box.
  template <class Inside>
  void FillWhere(double x0, double y0, double x1, double y1, Colour colour, const Inside& inside);

  int width_, height_;
  std::vector<Colour> samples_;
};

}  // namespace tally::benchmarks
