#include "benchmarks/plots/frame.h"

#include <algorithm>

namespace tally::benchmarks {

double DrawWords(Canvas& canvas, const Words& words) {
  canvas.Text(kMargin, 38, 22, kInk, words.title, Align::kLeft, Weight::kStrong);
  canvas.Text(kMargin, 60, 14, kFaint, words.subtitle);
  return 76;
}

void DrawLegend(Canvas& canvas, const std::vector<std::string>& series, double y) {
  double x = kMargin;
  for (size_t i = 0; i < series.size(); ++i) {
    canvas.FillRect(x, y - 10, 12, 12, SeriesColour(i));
    canvas.Text(x + 18, y, 14, kInk, series[i]);
    x += 18 + Canvas::TextWidth(14, series[i]) + 22;
  }
}

LogAxis::LogAxis(double low, double high, double base, double from, double to)
    : from_(from), to_(to) {
  const double unit = std::log(base);
  const double first = std::floor(std::log(low) / unit + 1e-9);
  const double last = std::max(first + 1, std::ceil(std::log(high) / unit - 1e-9));
  first_ = first * unit;
  last_ = last * unit;
  for (double power = first; power <= last; ++power) ticks_.push_back(std::exp(power * unit));
}

double LogAxis::At(double value) const {
  return from_ + (to_ - from_) * (std::log(value) - first_) / (last_ - first_);
}

}  // namespace tally::benchmarks
