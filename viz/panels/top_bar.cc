#include "viz/panels/top_bar.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "sim/metrics/metrics_report.h"
#include "viz/model/format.h"
#include "viz/model/tip.h"

namespace tally::viz {
namespace {

// Three lanes of different length with a steal between them: the program in one sign.
void DrawMark(Ui& ui, Rect box) {
  const Theme& theme = ui.theme();
  const int bar = box.h / 5;
  const float round = static_cast<float>(bar) / 2;
  ui.Fill({box.x, box.y, box.w, bar}, theme.State(WorkerState::kRunOwn), round);
  ui.Fill({box.x, box.y + 2 * bar, box.w * 5 / 8, bar}, theme.State(WorkerState::kRunStolen),
          round);
  ui.Fill({box.x, box.y + 4 * bar, box.w * 7 / 8, bar}, theme.accent, round);
}

int DrawBadge(Ui& ui, int x, Rect line, std::string_view path, std::string_view text,
              Colour colour) {
  const Theme& theme = ui.theme();
  const int width = ui.WidthOf(theme.fonts.small, text) + ui.Px(14);
  const Rect badge{x, line.y + (line.h - ui.Px(18)) / 2, width, ui.Px(18)};
  ui.Fill(badge, (colour & ~IM_COL32_A_MASK) | (Colour{40} << IM_COL32_A_SHIFT),
          static_cast<float>(ui.Px(9)));
  ui.Frame(badge, (colour & ~IM_COL32_A_MASK) | (Colour{150} << IM_COL32_A_SHIFT),
           static_cast<float>(ui.Px(9)));
  ui.Text(badge, theme.fonts.small, colour, text, Align::kCentre);
  ui.shown().Put(path, badge, std::string(text));
  return badge.right() + ui.Px(6);
}

constexpr std::string_view kBusy = "topbar/busy";

struct Number {
  std::string_view path;
  const char* label;
  std::string text;
  Shown::Value value;
  Colour colour;
};

std::string SourceLine(const Session& session) {
  const RecordingHeader& header = session.model().recording().header;
  std::string line = WorkersText(session.model().recording());
  if (!header.topology_summary.empty()) absl::StrAppend(&line, " on ", header.topology_summary);
  if (!header.placement.empty()) absl::StrAppend(&line, " \xc2\xb7 ", header.placement);
  if (!header.policy.empty()) absl::StrAppend(&line, " \xc2\xb7 ", header.policy);
  return line;
}

void DrawBadges(Ui& ui, const Session& session, int x, Rect line) {
  const Theme& theme = ui.theme();
  const Recording& recording = session.model().recording();
  if (session.live()) {
    x = DrawBadge(ui, x, line, "topbar/mode", "LIVE", theme.State(WorkerState::kRunOwn));
  } else {
    x = DrawBadge(ui, x, line, "topbar/mode",
                  recording.header.world == "real" ? "RECORDED" : "SIMULATED", theme.text_dim);
  }
  if (session.selection()) {
    x = DrawBadge(ui, x, line, "topbar/range", "selection", theme.accent);
  } else if (!session.whole()) {
    x = DrawBadge(ui, x, line, "topbar/range", "up to the play head", theme.accent);
  }
  if (!session.live() && recording.loss.any()) {
    x = DrawBadge(ui, x, line, "topbar/lost", "INCOMPLETE", theme.warning);
  }
  if (recording.loss.timeline_dropped != 0) {
    DrawBadge(ui, x, line, "topbar/dropped",
              absl::StrCat(FormatCount(recording.loss.timeline_dropped), " dropped"),
              theme.warning);
  }
}

}  // namespace

void DrawTopBar(Ui& ui, const Session& session, const Figures& figures, Rect box) {
  const Theme& theme = ui.theme();
  const int mark = ui.Px(26);
  DrawMark(ui, {box.x, box.y + (box.h - mark) / 2, mark, mark});
  const int left = box.x + mark + ui.Px(12);

  const KeyNumbers& key = figures.key();
  const bool over = session.whole() && !session.live();
  const Number numbers[] = {
      {"topbar/tasks", "tasks", FormatCount(key.tasks), key.tasks, theme.text},
      {"topbar/steals", "steals", FormatCount(key.steals), key.steals, theme.text},
      {"topbar/cross_node_accesses", "cross-node",
       key.cross_node ? FormatCount(*key.cross_node) : std::string("\xe2\x80\x93"),
       key.cross_node ? Shown::Value(*key.cross_node) : Shown::Value(), theme.text},
      {"topbar/parks", "parks", FormatCount(key.parks), key.parks, theme.text},
      {kBusy, "busy", FormatPercent(key.busy_share), key.busy_share, theme.text},
      // The makespan is known when all is over; until then, how much time the other numbers cover.
      {over ? "topbar/makespan_ns" : "topbar/range_ns",
       over              ? "makespan"
       : session.whole() ? "so far"
                         : "range",
       FormatDuration(key.time), int64_t{key.time}, theme.text},
  };
  int right = box.right();
  const int top = box.y + ui.Px(5);
  for (size_t i = std::size(numbers); i-- > 0;) {
    const Number& number = numbers[i];
    const int width = std::max({ui.WidthOf(theme.fonts.large, number.text),
                                ui.WidthOf(theme.fonts.small, number.label), ui.Px(48)});
    const Rect cell{right - width, top, width, box.h - ui.Px(10)};
    ui.Text({cell.x, cell.y, cell.w, ui.Px(15)}, theme.fonts.small, theme.text_dim, number.label,
            Align::kRight);
    ui.Text({cell.x, cell.y + ui.Px(16), cell.w, ui.Px(22)}, theme.fonts.large, number.colour,
            number.text, Align::kRight);
    const bool hovered = ui.Area(number.path, cell).hovered;
    ui.shown().Put(number.path, cell, number.value);
    if (hovered && number.path == kBusy && session.model().ready()) {
      ui.ShowTip(BusyTip(session.model(), figures.totals()));
    }
    right = cell.x - ui.Px(22);
  }

  if (!session.model().ready()) {
    ui.Text({left, box.y, right - left, box.h}, theme.fonts.strong, theme.text_dim,
            "waiting for the first events");
    return;
  }
  const RecordingHeader& header = session.model().recording().header;
  std::string title = header.workload.empty() ? "unnamed" : header.workload;
  if (header.size != 0) absl::StrAppend(&title, " ", header.size);
  const int room = std::max(0, right - left);
  const Rect first{left, top - ui.Px(1), room, ui.Px(20)};
  const int used =
      ui.Text({first.x, first.y, room * 2 / 5, first.h}, theme.fonts.large, theme.text, title);
  ui.shown().Put("topbar/workload", first, title);
  DrawBadges(ui, session, first.x + used + ui.Px(10), first);
  const Rect second{left, top + ui.Px(21), room, ui.Px(16)};
  ui.Text(second, theme.fonts.small, theme.text_dim, SourceLine(session));
  ui.shown().Put("topbar/source", second, SourceLine(session));
}

}  // namespace tally::viz
