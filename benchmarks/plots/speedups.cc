#include <algorithm>

#include "absl/strings/str_cat.h"
#include "benchmarks/plots/charts.h"
#include "benchmarks/plots/frame.h"

namespace tally::benchmarks {
namespace {

constexpr double kBar = 13;
constexpr double kGap = 14;
constexpr double kLabels = 190;

std::string Short(double value) {
  const double rounded = value < 10 ? std::round(value * 10) / 10 : std::round(value);
  return absl::StrCat(rounded);
}

// "8x faster", "1.3x slower".
std::string Verdict(double median) {
  if (median >= 0.95 && median <= 1.05) return "as fast";
  return median > 1 ? absl::StrCat(Short(median), "× faster")
                    : absl::StrCat(Short(1 / median), "× slower");
}

LogAxis MakeAxis(const std::vector<SpeedupRow>& rows, double from, double to) {
  double low = 0.5, high = 2;
  for (const SpeedupRow& row : rows) {
    for (const Speedup& speedup : row.series) {
      if (speedup.median <= 0) continue;
      low = std::min(low, speedup.low);
      high = std::max(high, speedup.high);
    }
  }
  return LogAxis(std::max(low, 1.0 / 256), std::min(high, 4096.0), 2, from, to);
}

void DrawBar(Canvas& canvas, const LogAxis& axis, const Speedup& speedup, double y, Colour colour) {
  if (speedup.median <= 0) {
    canvas.Text(axis.At(1) + 6, y + kBar - 2, 12, kFaint, "not measured");
    return;
  }
  const auto at = [&](double value) {
    return axis.At(std::clamp(value, axis.ticks().front(), axis.ticks().back()));
  };
  const double zero = axis.At(1), end = at(speedup.median);
  canvas.FillRect(std::min(zero, end), y, std::fabs(end - zero), kBar - 2, colour);
  const double low = at(speedup.low), high = at(speedup.high);
  const double middle = y + kBar / 2 - 1;
  canvas.Line(low, middle, high, middle, 1, kInk);
  canvas.Line(low, middle - 3, low, middle + 3, 1, kInk);
  canvas.Line(high, middle - 3, high, middle + 3, 1, kInk);
  const std::string verdict = Verdict(speedup.median);
  if (speedup.median >= 1) {
    canvas.Text(std::max({end, high, zero}) + 6, y + kBar - 3, 12, kInk, verdict);
  } else {
    canvas.Text(std::min({end, low, zero}) - 6, y + kBar - 3, 12, kInk, verdict, Align::kRight);
  }
}

}  // namespace

Canvas DrawSpeedups(const Words& words, const std::vector<std::string>& series,
                    const std::vector<SpeedupRow>& rows) {
  constexpr int kWidth = 960;
  const double row_height = static_cast<double>(series.size()) * kBar + kGap;
  const double top = 118, bottom = top + row_height * static_cast<double>(rows.size());
  Canvas canvas(kWidth, static_cast<int>(bottom) + 58, kPaper);
  DrawLegend(canvas, series, DrawWords(canvas, words) + 12);
  // Room for the words at the ends of the longest bars.
  const LogAxis axis = MakeAxis(rows, kMargin + kLabels + 70, kWidth - kMargin - 80);
  for (const double tick : axis.ticks()) {
    const bool one = std::fabs(tick - 1) < 1e-9;
    canvas.Line(axis.At(tick), top - 4, axis.At(tick), bottom, one ? 1.5 : 1, one ? kInk : kGrid);
    canvas.Text(axis.At(tick), bottom + 18, 12, kFaint,
                tick < 0.99 ? absl::StrCat("1/", Short(1 / tick)) : Short(tick), Align::kCentre);
  }
  canvas.Text(kWidth - kMargin, bottom + 42, 13, kFaint, words.axis, Align::kRight);
  double y = top;
  for (const SpeedupRow& row : rows) {
    canvas.Text(kMargin + kLabels, y + (row_height - kGap) / 2 + 5, 14, kInk, row.label,
                Align::kRight);
    for (size_t i = 0; i < row.series.size(); ++i) {
      DrawBar(canvas, axis, row.series[i], y + static_cast<double>(i) * kBar, SeriesColour(i));
    }
    y += row_height;
  }
  return canvas;
}

}  // namespace tally::benchmarks
