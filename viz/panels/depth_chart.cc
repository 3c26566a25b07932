#include "viz/panels/depth_chart.h"

#include <algorithm>
#include <vector>

#include "viz/model/format.h"
#include "viz/panels/gutter.h"
#include "viz/panels/slots.h"

namespace tally::viz {

void DepthChart::Paint(const Ui& ui, const Session& session, Rect box) {
  const TraceModel& model = session.model();
  if (painted_ == model.revision() && painted_view_ == session.view() && image_.width() == box.w &&
      image_.height() == box.h) {
    return;
  }
  painted_ = model.revision();
  painted_view_ = session.view();
  image_.Resize(box.w, box.h, ui.theme().panel);
  const uint32_t scale = model.greatest_depth();
  // Spares' lanes are low, and are drawn like the others.
  const bool charts = !layout_.lanes.empty() && layout_.lanes.front().height >= ui.Px(20);
  const int chart_from = charts ? ui.Px(10) : ui.Px(20);
  std::vector<MinMax> depths;
  for (const Lane& lane : layout_.lanes) {
    if (lane.top + lane.height > box.h) continue;
    const MinMaxSeries& series =
        lane.worker.valid() ? model.worker(lane.worker).depth() : model.Injector(lane.node);
    depths.clear();
    series.Columns(painted_view_, box.w, &depths);
    image_.Fill(0, lane.top, box.w, lane.height, ui.theme().well);
    for (int x = 0; x < box.w; ++x) {
      const MinMax depth = depths[static_cast<size_t>(x)];
      if (lane.height >= chart_from) {
        PaintDepth(ui.theme(), depth, scale, true, x, lane.top, lane.height, &image_);
      } else if (depth.max != 0) {
        image_.Fill(x, lane.top, 1, lane.height,
                    ui.theme().Ramp(0.1f + 0.9f * DepthShare(depth.max, scale)));
      }
    }
  }
}

void DepthChart::Draw(Ui& ui, const Session& session, Rect box) {
  const int gutter = GutterWidth(ui);
  const Rect area{box.x + gutter, box.y, box.w - gutter, box.h};
  const TimeAxis axis(session.view(), area);
  layout_ = LayOutRows(session.model(), {.height = area.h,
                                         .lane_max = ui.Px(240),
                                         .spare_max = ui.Px(17),
                                         .node_gap = ui.Px(5),
                                         .injectors = true});
  Paint(ui, session, area);
  ui.Picture(kDepthSlot, image_, area);
  DrawGrid(ui, session, axis);
  DrawPlayHead(ui, session, axis);
  DrawGutter(ui, layout_, {box.x, area.y, gutter, area.h}, area.y);
  const Touched touched = ui.Area("depth", area);
  ui.shown().Put("depth/greatest", area, uint64_t{session.model().greatest_depth()});
  gestures_.Handle(ui, axis, touched);
  if (touched.hovered && !touched.held) {
    const Lane* lane = layout_.At(static_cast<int>(ui.mouse().y) - area.y);
    if (lane != nullptr) {
      ui.ShowTip(DepthTip(session.model(), lane->worker, lane->node, axis.Column(ui.mouse().x)));
    }
  }
}

void DepthChart::DrawScale(Ui& ui, const Session& session, Rect box) {
  const Theme& theme = ui.theme();
  const std::string most = FormatCompact(session.model().greatest_depth());
  const int width = ui.WidthOf(theme.fonts.small, most);
  const int zero = ui.WidthOf(theme.fonts.small, "0");
  const int bar = ui.Px(90);
  const int x = box.right() - width;
  ui.Text({x, box.y, width, box.h}, theme.fonts.small, theme.text_dim, most);
  const Rect strip{x - ui.Px(6) - bar, box.y + box.h / 2 - ui.Px(4), bar, ui.Px(8)};
  if (scale_.width() != strip.w || scale_.height() != strip.h) {
    scale_.Resize(strip.w, strip.h, theme.well);
    for (int i = 0; i < strip.w; ++i) {
      scale_.Fill(i, 0, 1, strip.h,
                  theme.Ramp(0.1f + 0.9f * static_cast<float>(i) / static_cast<float>(strip.w)));
    }
  }
  ui.Picture(kDepthScaleSlot, scale_, strip);
  ui.Text({strip.x - ui.Px(6) - zero, box.y, zero, box.h}, theme.fonts.small, theme.text_dim, "0");
}

}  // namespace tally::viz
