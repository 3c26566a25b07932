#include "benchmarks/plots/charts.h"

#include <cstdio>
#include <fstream>

#include "benchmarks/plots/frame.h"
#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

int PixelsOf(const Canvas& canvas, Colour colour) {
  int count = 0;
  for (int y = 0; y < canvas.height() * Canvas::kPixels; ++y) {
    for (int x = 0; x < canvas.width() * Canvas::kPixels; ++x) {
      count += canvas.PixelAt(x, y) == colour;
    }
  }
  return count;
}

// Of pixels that have any of it.
int RowsOf(const Canvas& canvas, Colour colour) {
  int rows = 0;
  for (int y = 0; y < canvas.height() * Canvas::kPixels; ++y) {
    int x = 0;
    while (x < canvas.width() * Canvas::kPixels && canvas.PixelAt(x, y) != colour) ++x;
    rows += x < canvas.width() * Canvas::kPixels;
  }
  return rows;
}

TEST(Canvas, ShapesCoverTheirArea) {
  Canvas canvas(40, 40, kPaper);
  canvas.FillRect(10, 10, 5, 8, kInk);
  EXPECT_EQ(PixelsOf(canvas, kInk), 5 * 8 * Canvas::kPixels * Canvas::kPixels);
  EXPECT_EQ(canvas.PixelAt(19, 20), kPaper);
  EXPECT_EQ(canvas.PixelAt(20, 20), kInk);
  Canvas round(40, 40, kPaper);
  round.FillCircle(20, 20, 10, kInk);
  EXPECT_NEAR(PixelsOf(round, kInk), 3.14 * 100 * 4, 130);  // less the smoothed rim
}

TEST(Canvas, EdgesBetweenPixelsAreSmoothed) {
  Canvas canvas(10, 10, kPaper);
  canvas.FillRect(0, 0, 10, 5 + 1.0 / 6, Colour{0, 0, 0});
  const Colour edge = canvas.PixelAt(4, 10);
  EXPECT_EQ(edge.r, 170);  // one of three samples
}

TEST(Canvas, NothingIsDrawnOutside) {
  Canvas canvas(20, 20, kPaper);
  canvas.FillRect(-5, -5, 100, 3, kInk);
  canvas.Line(-10, 50, 60, 70, 3, kInk);
  canvas.Text(15, 90, 40, kInk, "Tally");
  EXPECT_EQ(PixelsOf(canvas, kInk), 0);
}

TEST(Canvas, AlignedTextStaysOnItsSide) {
  const double width = Canvas::TextWidth(14, "128 × faster");
  EXPECT_GT(width, 50);
  EXPECT_LT(width, 120);
  EXPECT_GT(Canvas::TextWidth(14, "128 × faster", Weight::kStrong), width);
  Canvas canvas(200, 40, kPaper);
  canvas.Text(100, 25, 14, kInk, "128 × faster", Align::kRight);
  int right = 0;
  for (int x = 202; x < 400; ++x) right += !(canvas.PixelAt(x, 42) == kPaper);
  EXPECT_EQ(right, 0);
}

// The coloured pixels left and right of the line at 1.
TEST(Charts, FasterBarsGoRightAndSlowerOnesLeft) {
  const auto extent = [](double median) {
    const Canvas canvas = DrawSpeedups({.title = "", .subtitle = "", .axis = ""}, {""},
                                       {{"row", {{median, median, median}}}});
    int left = 1 << 20, right = 0;
    for (int x = 400; x < canvas.width() * Canvas::kPixels; ++x) {
      if (!(canvas.PixelAt(x, 119 * Canvas::kPixels) == SeriesColour(0))) continue;
      left = std::min(left, x);
      right = std::max(right, x);
    }
    return std::pair(left, right);
  };
  const auto [fast_left, fast_right] = extent(1.9);
  const auto [slow_left, slow_right] = extent(1 / 1.9);
  EXPECT_LT(slow_left, slow_right);
  EXPECT_LT(slow_right, fast_left + 8);
  EXPECT_NEAR(fast_right - fast_left, slow_right - slow_left, 3);
}

TEST(Charts, EveryDotAndCurveIsThere) {
  const Canvas dots = DrawDots({.title = "t", .subtitle = "s", .axis = "a"}, {"ours", "tbb"},
                               {{"fib", {3, 80}}, {"none", {0, 0}}});
  EXPECT_GT(PixelsOf(dots, SeriesColour(0)), 300);
  EXPECT_GT(PixelsOf(dots, SeriesColour(1)), 300);
  const Canvas curves = DrawCurves({.title = "t", .subtitle = "s", .axis = "a"}, {1, 2, 4},
                                   {{"one", {1, 2, 3}}, {"two", {3, 3, 3}}}, "workers");
  EXPECT_GT(PixelsOf(curves, SeriesColour(0)), 3'000);
  EXPECT_GT(PixelsOf(curves, SeriesColour(1)), 3'000);
}

TEST(Charts, CurvesThatDifferByMagnitudesAreBothSeen) {
  // On a linear axis the lower one would lie on its foot, level.
  const Canvas curves = DrawCurves({.title = "t", .subtitle = "s", .axis = "a"}, {1, 2},
                                   {{"one", {1, 10}}, {"two", {10'000, 10'000}}}, "workers");
  EXPECT_GT(RowsOf(curves, SeriesColour(0)), RowsOf(curves, SeriesColour(1)) + 50);
}

TEST(Charts, APictureIsAPng) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/chart.png";
  ASSERT_TRUE(DrawDots({}, {"ours"}, {{"fib", {3}}}).WritePng(path).ok());
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, 4);
  EXPECT_EQ(std::string(magic, 4), "\x89PNG");
  EXPECT_FALSE(DrawDots({}, {}, {}).WritePng("/nowhere/chart.png").ok());
}

}  // namespace
}  // namespace tally::benchmarks
