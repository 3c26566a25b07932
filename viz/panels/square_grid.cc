#include "viz/panels/square_grid.h"

#include <algorithm>

namespace tally::viz {

bool SquareGrid::Hit(ImVec2 at, int* row, int* column) const {
  if (n == 0 || !box.Contains(at.x, at.y)) return false;
  *column = 0;
  *row = 0;
  while (X(*column + 1) <= static_cast<int>(at.x)) ++*column;
  while (Y(*row + 1) <= static_cast<int>(at.y)) ++*row;
  return true;
}

SquareGrid LayOutSquares(const Ui& ui, Rect room, int n, int columns) {
  SquareGrid grid;
  const int left = ui.Px(26);
  const int above = ui.Px(16);
  const int w = room.w - left;
  const int h = room.h - above;
  if (n == 0 || w <= 0 || h <= 0) return grid;
  grid.n = n;
  grid.columns = columns;
  const int side = std::max(1, std::min(w / columns, h / n));
  grid.gap = side >= ui.Px(12) ? ui.Px(2) : side >= 5 ? 1 : 0;
  if (side < ui.Px(12)) {
    // Small cells: the square as a whole takes what there is, cells may differ by a pixel.
    const int all = std::min(w * n / columns, h);
    grid.box = {room.x + left, room.y + above, all * columns / n, all};
    return grid;
  }
  // Not square at any price: a number needs width, and few cells need no more than a hand's.
  const int most = std::max(side, std::min(side * 3 / 2, ui.Px(84)));
  grid.box = {room.x + left, room.y + above, std::min(w / columns, most) * columns,
              std::min(h / n, most) * n};
  return grid;
}

void LabelSquares(Ui& ui, const SquareGrid& grid, const std::function<std::string(int)>& row_label,
                  const std::function<std::string(int)>& column_label) {
  const Theme& theme = ui.theme();
  const int line = Ui::HeightOf(theme.fonts.small);
  int free_from = grid.box.y - line;
  for (int i = 0; i < grid.n; ++i) {
    const std::string label = row_label(i);
    const Rect cell = grid.Cell(i, 0);
    const int y = cell.y + (cell.h - line) / 2;
    if (label.empty() || y < free_from || y + line > grid.box.bottom() + line / 2) continue;
    const int width = ui.WidthOf(theme.fonts.small, label);
    ui.Text({grid.box.x - ui.Px(5) - width, y, width, line}, theme.fonts.small, theme.text_dim,
            label);
    free_from = y + line;
  }
  free_from = grid.box.x - ui.Px(20);
  for (int i = 0; i < grid.columns; ++i) {
    const std::string label = column_label(i);
    if (label.empty()) continue;
    const Rect cell = grid.Cell(0, i);
    const int width = ui.WidthOf(theme.fonts.small, label);
    const int x = cell.x + (cell.w - width) / 2;
    if (x < free_from) continue;
    ui.Text({x, grid.box.y - line - ui.Px(2), width, line}, theme.fonts.small, theme.text_dim,
            label);
    free_from = x + width + ui.Px(4);
  }
}

}  // namespace tally::viz
