// Letters of a font file, as coverage. Roboto, the dashboard's font; DejaVu where it is missing.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "benchmarks/plots/canvas.h"

namespace tally::benchmarks {

class Letters {
 public:
  // Loaded once. Without any font it draws nothing, and everything else still works.
  static const Letters& Of(Weight weight);
  ~Letters();

  double Width(std::string_view text, double size) const;
  // Calls `ink(x, y, coverage)` for each sample with coverage from 1 to 255.
  void Draw(std::string_view text, double size, double x, double baseline,
            const std::function<void(int, int, int)>& ink) const;

 private:
  struct Font;
  explicit Letters(Weight weight);

  std::unique_ptr<Font> font_;
};

}  // namespace tally::benchmarks
