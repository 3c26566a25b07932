// Where the cells of a square matrix go: whole pixels, all of one size, labels left and above.
#pragma once

#include <functional>
#include <string>

#include "viz/panels/ui.h"

namespace tally::viz {

struct SquareGrid {
  Rect box;  // of the cells
  int n = 0;
  int columns = 0;  // n, or more
  int gap = 0;      // inside each cell, right and below

  // Cells tile the box exactly: small ones may differ by a pixel.
  int X(int column) const { return box.x + box.w * column / columns; }
  int Y(int row) const { return box.y + box.h * row / n; }
  Rect Cell(int row, int column) const {
    return {X(column), Y(row), X(column + 1) - X(column) - gap, Y(row + 1) - Y(row) - gap};
  }
  bool Hit(ImVec2 at, int* row, int* column) const;
};

// Fits n rows and `columns` columns into the room, leaving space for labels left and above.
// Cells are square unless they are so few that wider ones leave more room for numbers.
SquareGrid LayOutSquares(const Ui& ui, Rect room, int n, int columns);

// Labels every row and column that fits; `label(i)`, and where two groups meet, a gap in the
// labels' line. Empty labels are skipped.
void LabelSquares(Ui& ui, const SquareGrid& grid, const std::function<std::string(int)>& row_label,
                  const std::function<std::string(int)>& column_label);

}  // namespace tally::viz
