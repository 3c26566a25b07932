#include "viz/panels/gutter.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace tally::viz {
namespace {

// "8-15"; with an ellipsis if there are gaps. Without spares.
std::string Workers(const RowLayout& layout, NodeId node) {
  int first = -1;
  int last = -1;
  int count = 0;
  for (const Lane& lane : layout.lanes) {
    if (lane.node != node || !lane.worker.valid() || lane.is_spare()) continue;
    if (first < 0) first = lane.worker.value();
    last = lane.worker.value();
    ++count;
  }
  const bool run = last - first + 1 == count;
  return absl::StrCat(first, run ? "\xe2\x80\x93" : " \xe2\x80\xa6 ", last);
}

std::string Label(const Lane& lane) {
  if (!lane.worker.valid()) return "inj";
  return lane.is_spare() ? absl::StrCat("spare ", lane.spare) : absl::StrCat(lane.worker.value());
}

}  // namespace

int GutterWidth(const Ui& ui) { return ui.Px(58); }

void DrawGutter(Ui& ui, const RowLayout& layout, Rect box, int top) {
  const Theme& theme = ui.theme();
  const int line = Ui::HeightOf(theme.fonts.small);
  const int bar_x = box.right() - ui.Px(6);
  const int least = line - ui.Px(3);  // for a label
  // Too thin for a number each: the node's range of numbers instead.
  const bool thin = !layout.lanes.empty() && layout.lanes.front().height < least;
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
  const auto label = [&](int lane_top, int height, bool dim, bool wide, const std::string& text) {
    const int y = top + lane_top + (height - line) / 2;
    if (height < least || y < box.y || y + line > box.bottom()) return;
    // Spares' names take the node's column, too: beside its name there is always a worker's lane.
    const int left = wide ? 0 : ui.Px(24);
    ui.Text({box.x + left, y, ui.Px(49) - left, line}, theme.fonts.small,
            dim ? theme.text_dim : theme.text_faint, text, Align::kRight);
  };
  for (size_t i = 0; i < layout.lanes.size(); ++i) {
    const Lane& lane = layout.lanes[i];
    if (!lane.is_spare() || lane.height >= least) {
      label(lane.top, lane.height, !lane.worker.valid(), lane.is_spare(), Label(lane));
      continue;
    }
    // Too thin for a number each: how many they are.
    const size_t first = i;
    while (i + 1 < layout.lanes.size() && layout.lanes[i + 1].node == lane.node &&
           layout.lanes[i + 1].is_spare()) {
      ++i;
    }
    const Lane& last = layout.lanes[i];
    label(lane.top, last.top + last.height - lane.top, false, true,
          absl::StrCat(i - first + 1, i == first ? " spare" : " spares"));
  }
}

}  // namespace tally::viz
