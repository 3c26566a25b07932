// What all charts share: colours, title, legend, and a logarithmic axis.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "benchmarks/plots/canvas.h"
#include "benchmarks/plots/charts.h"

namespace tally::benchmarks {

inline constexpr Colour kPaper{255, 255, 255};
inline constexpr Colour kInk{31, 35, 40};
inline constexpr Colour kFaint{101, 109, 118};
inline constexpr Colour kGrid{228, 232, 237};
// Told apart by people who do not see red and green as different, too (Okabe and Ito's palette).
inline constexpr Colour kSeries[] = {
    {0, 114, 178}, {230, 159, 0}, {120, 128, 138}, {0, 158, 115}, {204, 121, 167}};

inline Colour SeriesColour(size_t index) { return kSeries[index % std::size(kSeries)]; }

inline constexpr double kMargin = 24;

// Returns the y below them.
double DrawWords(Canvas& canvas, const Words& words);
// A line of swatches at the top right.
void DrawLegend(Canvas& canvas, const std::vector<std::string>& series, double y);

// From `low` to `high`, both widened to powers of `base`.
class LogAxis {
 public:
  LogAxis(double low, double high, double base, double from, double to);
  double At(double value) const;
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  double first_, last_;  // logarithms
  double from_, to_;
  std::vector<double> ticks_;
};

}  // namespace tally::benchmarks
