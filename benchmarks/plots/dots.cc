#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/plots/charts.h"
#include "benchmarks/plots/frame.h"

namespace tally::benchmarks {
namespace {

constexpr double kRow = 34;
constexpr double kLabels = 230;

LogAxis MakeAxis(const std::vector<DotRow>& rows, double from, double to) {
  double low = 1e300, high = 0;
  for (const DotRow& row : rows) {
    for (const double value : row.values) {
      if (value <= 0) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return high > 0 ? LogAxis(low, high, 10, from, to) : LogAxis(1, 10, 10, from, to);
}

}  // namespace

Canvas DrawDots(const Words& words, const std::vector<std::string>& series,
                const std::vector<DotRow>& rows) {
  constexpr int kWidth = 960;
  const double top = 118, bottom = top + kRow * static_cast<double>(rows.size());
  Canvas canvas(kWidth, static_cast<int>(bottom) + 58, kPaper);
  DrawLegend(canvas, series, DrawWords(canvas, words) + 12);
  const LogAxis axis = MakeAxis(rows, kMargin + kLabels + 30, kWidth - kMargin - 30);
  for (const double tick : axis.ticks()) {
    canvas.Line(axis.At(tick), top - 4, axis.At(tick), bottom, 1, kGrid);
    canvas.Text(axis.At(tick), bottom + 18, 12, kFaint, absl::StrFormat("%g", tick),
                Align::kCentre);
  }
  canvas.Text(kWidth - kMargin, bottom + 42, 13, kFaint, words.axis, Align::kRight);
  double y = top + kRow / 2;
  for (const DotRow& row : rows) {
    canvas.Text(kMargin + kLabels, y + 5, 14, kInk, row.label, Align::kRight);
    double low = 1e300, high = 0;
    for (const double value : row.values) {
      if (value > 0) low = std::min(low, value), high = std::max(high, value);
    }
    if (high > 0) canvas.Line(axis.At(low), y, axis.At(high), y, 2, kGrid);
    // Ours last, on top.
    for (size_t i = row.values.size(); i-- > 0;) {
      if (row.values[i] <= 0) continue;
      canvas.FillCircle(axis.At(row.values[i]), y, i == 0 ? 7 : 6, kPaper);
      canvas.FillCircle(axis.At(row.values[i]), y, i == 0 ? 6 : 5, SeriesColour(i));
    }
    y += kRow;
  }
  return canvas;
}

}  // namespace tally::benchmarks
