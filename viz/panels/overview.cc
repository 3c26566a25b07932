#include "viz/panels/overview.h"

#include <algorithm>
#include <vector>

#include "viz/panels/slots.h"

namespace tally::viz {

void Overview::Paint(const Theme& theme, const TraceModel& model, Rect box) {
  if (painted_ == model.revision() && image_.width() == box.w && image_.height() == box.h) return;
  painted_ = model.revision();
  image_.Resize(box.w, box.h, theme.well);
  std::vector<StateTimes> sum(static_cast<size_t>(box.w));
  std::vector<StateTimes> one;
  for (int w = 0; w < model.regular_workers(); ++w) {
    one.clear();
    model.worker(WorkerId(w)).states().Columns(model.extent(), box.w, &one);
    for (size_t x = 0; x < sum.size(); ++x) {
      for (size_t s = 0; s < one[x].size(); ++s) sum[x][s] += one[x][s];
    }
  }
  for (int x = 0; x < box.w; ++x) {
    PaintStates(theme, sum[static_cast<size_t>(x)], x, 0, box.h, &image_);
  }
}

void Overview::Draw(Ui& ui, const Session& session, Rect box) {
  const Theme& theme = ui.theme();
  ui.Fill({box.x - 1, box.y - 1, box.w + 2, box.h + 2}, theme.panel_edge);
  if (!session.model().ready()) {
    ui.Fill(box, theme.well);
    return;
  }
  Paint(theme, session.model(), box);
  ui.Picture(kOverviewSlot, image_, box);
  const TimeAxis axis(session.model().extent(), box);
  DrawPlayHead(ui, session, axis);

  if (session.view() != session.model().extent()) {
    const int left = axis.X(session.view().begin);
    const int right = std::max(left + 3, axis.X(session.view().end));
    ui.Frame({left, box.y, right - left, box.h}, theme.text);
  }

  const Touched touched = ui.Area("overview", box);
  const Nanos here = axis.At(ui.mouse().x);
  if (touched.held && !dragging_) {
    dragging_ = true;
    moved_ = false;
    anchor_ = here;
  } else if (touched.held && std::abs(axis.X(here) - axis.X(anchor_)) > 2) {
    moved_ = true;
    ui.Ask({.verb = Verb::kSelect, .range = {std::min(anchor_, here), std::max(anchor_, here)}});
  } else if (!touched.held && dragging_) {
    dragging_ = false;
    if (!moved_) {
      const Nanos length = session.view().length();
      ui.Ask({.verb = Verb::kShow, .range = {here - length / 2, here - length / 2 + length}});
    }
  }
  if (touched.hovered && !touched.held) {
    ui.ShowTip(OverviewTip(session.model(), axis.Column(ui.mouse().x)));
  }
}

}  // namespace tally::viz
