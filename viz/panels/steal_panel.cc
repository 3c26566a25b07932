#include <string>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"
#include "viz/panels/matrix_panels.h"
#include "viz/panels/slots.h"
#include "viz/panels/square_grid.h"

namespace tally::viz {
namespace {

// The diagonal is not nothing, but impossible: nobody robs himself.
Colour CellColour(const Theme& theme, const StealMatrix& matrix, int row, int column) {
  const uint64_t steals = matrix.at(row, column);
  if (steals == 0) return !matrix.by_node && row == column ? theme.panel : theme.well;
  return theme.Ramp(0.12f +
                    0.88f * static_cast<float>(steals) / static_cast<float>(matrix.greatest));
}

void Outline(Ui& ui, const StealMatrix& matrix, const SquareGrid& grid) {
  // Blocks of one node: inside them steals are near.
  if (matrix.by_node) return;
  int first = 0;
  for (int i = 1; i <= matrix.n; ++i) {
    if (i < matrix.n &&
        matrix.group[static_cast<size_t>(i)] == matrix.group[static_cast<size_t>(first)]) {
      continue;
    }
    if (first != 0 || i != matrix.n) {
      ui.Frame({grid.X(first) - 1, grid.Y(first) - 1, grid.X(i) - grid.X(first) + 1,
                grid.Y(i) - grid.Y(first) + 1},
               ui.theme().text_faint);
    }
    first = i;
  }
}

}  // namespace

void StealPanel::Draw(Ui& ui, const Session& session, const Figures& figures, Rect box) {
  const Theme& theme = ui.theme();
  const StealMatrix& matrix = figures.steals();
  const Rect inner =
      ui.Card(box, "Steals",
              matrix.by_node ? "thief's node \xc3\x97 victim's node" : "thief \xc3\x97 victim");
  const Rect foot{inner.x, inner.bottom() - ui.Px(14), inner.w, ui.Px(14)};
  const SquareGrid grid =
      LayOutSquares(ui, {inner.x, inner.y, inner.w, inner.h - ui.Px(20)}, matrix.n, matrix.n);
  if (grid.n == 0) return;
  if (painted_ != figures.version() || image_.width() != grid.box.w ||
      image_.height() != grid.box.h) {
    painted_ = figures.version();
    image_.Resize(grid.box.w, grid.box.h, theme.panel);
    for (int row = 0; row < grid.n; ++row) {
      for (int column = 0; column < grid.n; ++column) {
        const Rect cell = grid.Cell(row, column);
        image_.Fill(cell.x - grid.box.x, cell.y - grid.box.y, cell.w, cell.h,
                    CellColour(theme, matrix, row, column));
      }
    }
  }
  ui.Picture(kStealSlot, image_, grid.box);
  Outline(ui, matrix, grid);
  for (int row = 0; row < grid.n; ++row) {
    for (int column = 0; column < grid.n; ++column) {
      const uint64_t steals = matrix.at(row, column);
      if (steals == 0) continue;
      const Rect cell = grid.Cell(row, column);
      const std::string text = FormatCompact(steals);
      ImFont* font = cell.h >= ui.Px(44) ? theme.fonts.strong : theme.fonts.small;
      if (cell.h >= Ui::HeightOf(font) + 2 && cell.w >= ui.WidthOf(font, text) + 2) {
        ui.Text(cell, font, theme.TextOn(CellColour(theme, matrix, row, column)), text,
                Align::kCentre);
      }
      ui.shown().Put(absl::StrCat("steals/", matrix.order[static_cast<size_t>(row)], "/",
                                  matrix.order[static_cast<size_t>(column)]),
                     cell, steals);
    }
  }
  const bool blocks = matrix.by_node || grid.Cell(0, 0).h < ui.Px(11);
  const auto label = [&](int i) {
    const auto at = static_cast<size_t>(i);
    if (!blocks) {
      // No room for more: "s0" is spare 0, as its rows are called elsewhere.
      const WorkerId worker(matrix.order[at]);
      const int spare = session.model().SpareNumber(worker);
      return spare >= 0 ? absl::StrCat("s", spare) : absl::StrCat(worker.value());
    }
    const bool first = i == 0 || matrix.group[at] != matrix.group[at - 1];
    return first ? absl::StrCat("N", matrix.group[at]) : std::string();
  };
  LabelSquares(ui, grid, label, label);

  const std::string remote = matrix.total == 0
                                 ? std::string("no steals in this range")
                                 : absl::StrCat(FormatCount(matrix.total), " steals, ",
                                                FormatCount(matrix.remote), " from other nodes");
  ui.Text(foot, theme.fonts.small, theme.text_dim, remote);
  ui.shown().Put("steals/total", foot, matrix.total);
  ui.shown().Put("steals/remote", foot, matrix.remote);

  int row = 0;
  int column = 0;
  const Touched touched = ui.Area("steals", grid.box);
  if (touched.hovered && grid.Hit(ui.mouse(), &row, &column)) {
    const Rect cell = grid.Cell(row, column);
    ui.Frame({cell.x - 1, cell.y - 1, cell.w + 2, cell.h + 2}, theme.text);
    ui.ShowTip(StealTip(session.model(), matrix, row, column));
  }
}

}  // namespace tally::viz
