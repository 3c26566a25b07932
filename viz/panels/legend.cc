#include "viz/panels/legend.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"

namespace tally::viz {

void DrawLegend(Ui& ui, const Figures& figures, Rect box) {
  const Theme& theme = ui.theme();
  const Totals& totals = figures.totals();
  Nanos all = 0;
  for (Nanos time : totals.times) all += time;
  const std::string hint = "wheel zooms \xc2\xb7 drag moves \xc2\xb7 ? for help";
  const int hint_width = ui.WidthOf(theme.fonts.small, hint);
  int x = box.x;
  for (int s = 0; s < kWorkerStates; ++s) {
    const auto state = static_cast<WorkerState>(s);
    if (state == WorkerState::kAbsent) continue;
    const Nanos time = totals.times[static_cast<size_t>(s)];
    const std::string share =
        all == 0 ? "" : FormatPercent(static_cast<double>(time) / static_cast<double>(all));
    const std::string name(WorkerStateName(state));
    const int swatch = ui.Px(14);
    const int name_width = ui.WidthOf(theme.fonts.small, name);
    const int share_width = ui.WidthOf(theme.fonts.small, share);
    const int width = swatch + ui.Px(6) + name_width + ui.Px(5) + share_width;
    if (x + width > box.right()) break;
    ui.Swatch({x, box.y + (box.h - ui.Px(10)) / 2, swatch, ui.Px(10)}, state);
    ui.Text({x + swatch + ui.Px(6), box.y, name_width, box.h}, theme.fonts.small, theme.text_dim,
            name);
    const Rect number{x + width - share_width, box.y, share_width, box.h};
    ui.Text(number, theme.fonts.small, theme.text, share);
    ui.shown().Put(absl::StrCat("legend/", std::string(WorkerStateKey(state)), "_ns"), number,
                   int64_t{time});
    x += width + ui.Px(18);
  }
  if (x + hint_width <= box.right()) {
    ui.Text({box.right() - hint_width, box.y, hint_width, box.h}, theme.fonts.small,
            theme.text_faint, hint);
  }
}

}  // namespace tally::viz
