#include "viz/panels/gutter.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace tally::viz {
namespace {

// "8-15"; with an ellipsis if there are gaps.
std::string Workers(const RowLayout& layout, NodeId node) {
  int first = -1;
  int last = -1;
  int count = 0;
  for (const Lane& lane : layout.lanes) {
    if (lane.node != node || !lane.worker.valid()) continue;
    if (first < 0) first = lane.worker.value();
    last = lane.worker.value();
    ++count;
  }
  const bool run = last - first + 1 == count;
  return absl::StrCat(first, run ? "\xe2\x80\x93" : " \xe2\x80\xa6 ", last);
}

}  // namespace

int GutterWidth(const Ui& ui) { return ui.Px(58); }

void DrawGutter(Ui& ui, const RowLayout& layout, Rect box, int top) {
  const Theme& theme = ui.theme();
  const int line = Ui::HeightOf(theme.fonts.small);
  const int bar_x = box.right() - ui.Px(6);
  // Too thin for a number each: the node's range of numbers instead.
  const bool thin = !layout.lanes.empty() && layout.lanes.front().height < line - ui.Px(3);
  int node_free = box.y;
  for (const NodeBand& band : layout.bands) {
    const int y = top + band.top;
    const Rect bar{bar_x, std::max(box.y, y), ui.Px(2),
                   std::min(box.bottom(), y + band.height) - std::max(box.y, y)};
    if (bar.h > 0) ui.Fill(bar, theme.text_faint, 1);
    const int at = std::max(y, node_free);
    if (at < box.y || at + line > box.bottom() || at > y + line) continue;
    ui.Text({box.x, at, ui.Px(26), line}, theme.fonts.small, theme.text_dim,
            absl::StrCat("N", band.node.value()));
    node_free = at + line;
    if (thin && band.height >= 2 * line && at + 2 * line <= box.bottom()) {
      ui.Text({box.x, at + line, bar_x - box.x, line}, theme.fonts.small, theme.text_faint,
              Workers(layout, band.node));
      node_free += line;
    }
  }
  if (thin) return;
  for (const Lane& lane : layout.lanes) {
    const int y = top + lane.top + (lane.height - line) / 2;
    if (y < box.y || y + line > box.bottom()) continue;
    const std::string label = lane.worker.valid() ? absl::StrCat(lane.worker.value()) : "inj";
    ui.Text({box.x + ui.Px(24), y, ui.Px(25), line}, theme.fonts.small,
            lane.worker.valid() ? theme.text_faint : theme.text_dim, label, Align::kRight);
  }
}

}  // namespace tally::viz
