#include <string>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"
#include "viz/panels/matrix_panels.h"
#include "viz/panels/square_grid.h"

namespace tally::viz {
namespace {

Colour CellColour(const Theme& theme, uint64_t accesses, uint64_t greatest) {
  if (accesses == 0) return theme.well;
  return theme.Ramp(0.12f + 0.88f * static_cast<float>(accesses) / static_cast<float>(greatest));
}

// As much as fits: the accesses, then the bytes, then the distance.
void FillCell(Ui& ui, Rect cell, Colour colour, const CrossNodeMatrix::Cell& what, int distance) {
  const Theme& theme = ui.theme();
  ImFont* font = theme.fonts.small;
  const int line = Ui::HeightOf(font);
  const Colour ink = theme.TextOn(colour);
  const std::string accesses = FormatCompact(what.accesses);
  if (cell.h < line + 2 || cell.w < ui.WidthOf(font, accesses) + 2) return;
  const std::string bytes = FormatBytes(what.bytes);
  const std::string far = distance < 0 ? std::string() : absl::StrCat("at ", distance);
  const bool second =
      what.bytes != 0 && cell.h >= 2 * line + 4 && cell.w >= ui.WidthOf(font, bytes) + 4;
  const bool third = !far.empty() && cell.h >= 3 * line + 6 && cell.w >= ui.WidthOf(font, far) + 4;
  const int lines = 1 + (second ? 1 : 0) + (third ? 1 : 0);
  int y = cell.y + (cell.h - lines * line) / 2;
  const auto put = [&](const std::string& text, Colour tint, ImFont* with) {
    ui.Text({cell.x, y, cell.w, line}, with, tint, text, Align::kCentre);
    y += line + (with == font ? 0 : ui.Px(2));
  };
  const Colour soft = (ink & ~IM_COL32_A_MASK) | (Colour{190} << IM_COL32_A_SHIFT);
  if (what.accesses != 0) put(accesses, ink, third ? theme.fonts.strong : font);
  if (second) put(bytes, soft, font);
  if (third) put(far, what.accesses == 0 ? theme.text_faint : soft, font);
}

}  // namespace

void DrawCrossNodePanel(Ui& ui, const Session& session, const Figures& figures, Rect box) {
  const Theme& theme = ui.theme();
  const CrossNodeMatrix& matrix = figures.cross_node();
  const Rect inner = ui.Card(box, "Memory", "worker's node \xc3\x97 home");
  const Rect foot{inner.x, inner.bottom() - ui.Px(14), inner.w, ui.Px(14)};
  const bool unknown = matrix.unknown_total.accesses != 0;
  const SquareGrid grid = LayOutSquares(ui, {inner.x, inner.y, inner.w, inner.h - ui.Px(20)},
                                        matrix.n, matrix.n + (unknown ? 1 : 0));
  for (int from = 0; from < grid.n; ++from) {
    for (int home = 0; home < grid.columns; ++home) {
      const Rect cell = grid.Cell(from, home);
      const bool known = home < matrix.n;
      const CrossNodeMatrix::Cell& what =
          known ? matrix.at(from, home) : matrix.unknown[static_cast<size_t>(from)];
      const Colour colour =
          known ? CellColour(theme, what.accesses, matrix.greatest) : theme.button;
      ui.Fill(cell, colour);
      FillCell(ui, cell, colour, what,
               known ? session.model().Distance(NodeId(from), NodeId(home)) : -1);
      if (from == home) ui.Frame(cell, theme.text_faint);
      if (what.accesses != 0) {
        ui.shown().Put(known ? absl::StrCat("cross_node/", from, "/", home)
                             : absl::StrCat("cross_node/", from, "/unknown"),
                       cell, what.accesses);
      }
    }
  }
  LabelSquares(
      ui, grid, [](int i) { return absl::StrCat("N", i); },
      [&](int i) { return i < matrix.n ? absl::StrCat("N", i) : std::string("?"); });
  std::string summary = "no task declared what it touches";
  if (matrix.any()) {
    summary = absl::StrCat(FormatCount(matrix.cross.accesses), " accesses to other nodes, ",
                           FormatBytes(matrix.cross.bytes));
  }
  ui.Text(foot, theme.fonts.small, theme.text_dim, summary);
  if (matrix.any()) {
    ui.shown().Put("cross_node/accesses", foot, matrix.cross.accesses);
    ui.shown().Put("cross_node/bytes", foot, matrix.cross.bytes);
    ui.shown().Put("cross_node/local", foot, matrix.local.accesses);
    ui.shown().Put("cross_node/unknown", foot, matrix.unknown_total.accesses);
  }
  int from = 0;
  int home = 0;
  const Touched touched = ui.Area("cross_node", grid.box);
  if (touched.hovered && grid.Hit(ui.mouse(), &from, &home) && home < matrix.n) {
    ui.Frame(grid.Cell(from, home), theme.text);
    ui.ShowTip(CrossNodeTip(session.model(), matrix, from, home));
  }
}

}  // namespace tally::viz
