// The kinds of pictures in docs/benchmarks.md.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/plots/canvas.h"

namespace tally::benchmarks {

struct Words {
  std::string title;
  std::string subtitle;
  std::string axis;
};

// One measurement relative to a peer: how many times as fast, and the spread over the rounds.
struct Speedup {
  double median = 1, low = 1, high = 1;  // 0: not measured
};
struct SpeedupRow {
  std::string label;
  std::vector<Speedup> series;
};
// Bars from 1 to the right where ours is faster, to the left where it is slower; logarithmic.
Canvas DrawSpeedups(const Words& words, const std::vector<std::string>& series,
                    const std::vector<SpeedupRow>& rows);

struct DotRow {
  std::string label;
  std::vector<double> values;  // by series; 0 or less: none
};
// A dot for each series' value in each row; logarithmic. For values that differ by magnitudes.
Canvas DrawDots(const Words& words, const std::vector<std::string>& series,
                const std::vector<DotRow>& rows);

struct Curve {
  std::string label;
  std::vector<double> ys;  // one for each of the xs
};
// Curves over numbers that double; y, which is above 0, is logarithmic: for values that differ by
// magnitudes.
Canvas DrawCurves(const Words& words, const std::vector<int>& xs, const std::vector<Curve>& curves,
                  const std::string& x_axis);

}  // namespace tally::benchmarks
