#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/plots/charts.h"
#include "benchmarks/plots/frame.h"

namespace tally::benchmarks {

Canvas DrawCurves(const Words& words, const std::vector<int>& xs, const std::vector<Curve>& curves,
                  const std::string& x_axis) {
  constexpr int kWidth = 960, kHeight = 460;
  constexpr double kLeft = kMargin + 50, kRight = kWidth - kMargin - 30;
  constexpr double kTop = 130, kBottom = kHeight - 64;
  Canvas canvas(kWidth, kHeight, kPaper);
  std::vector<std::string> labels;
  double lowest = 1e300, highest = 0;
  for (const Curve& curve : curves) {
    labels.push_back(curve.label);
    for (const double y : curve.ys) {
      if (y > 0) lowest = std::min(lowest, y);
      highest = std::max(highest, y);
    }
  }
  DrawLegend(canvas, labels, DrawWords(canvas, words) + 12);
  if (xs.empty() || highest <= 0) return canvas;
  const LogAxis across(xs.front(), xs.back(), 2, kLeft, kRight);
  const LogAxis up(lowest, highest, 10, kBottom, kTop);
  for (const double y : up.ticks()) {
    canvas.Line(kLeft, up.At(y), kRight, up.At(y), 1, kGrid);
    canvas.Text(kLeft - 10, up.At(y) + 4, 12, kFaint, absl::StrFormat("%g", y), Align::kRight);
  }
  canvas.Text(kMargin, kTop - 14, 13, kFaint, words.axis);
  for (const int x : xs) {
    canvas.Text(across.At(x), kBottom + 20, 12, kFaint, absl::StrCat(x), Align::kCentre);
  }
  canvas.Text(kRight, kBottom + 44, 13, kFaint, x_axis, Align::kRight);
  for (size_t c = curves.size(); c-- > 0;) {
    const std::vector<double>& ys = curves[c].ys;
    for (size_t i = 0; i < ys.size(); ++i) {
      if (i > 0) {
        canvas.Line(across.At(xs[i - 1]), up.At(ys[i - 1]), across.At(xs[i]), up.At(ys[i]), 2.5,
                    SeriesColour(c));
      }
      canvas.FillCircle(across.At(xs[i]), up.At(ys[i]), 4, SeriesColour(c));
    }
  }
  return canvas;
}

}  // namespace tally::benchmarks
