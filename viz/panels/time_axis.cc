#include "viz/panels/time_axis.h"

#include <algorithm>
#include <cmath>

#include "viz/model/format.h"

namespace tally::viz {
namespace {

Nanos TickStep(const Ui& ui, const TimeAxis& axis) {
  return RoundStep(axis.view().length(), std::max(2, axis.box().w / ui.Px(110)));
}

// Ticks stand at round times since the first event.
Nanos FirstTick(const Session& session, const TimeAxis& axis, Nanos step) {
  const Nanos since = std::max<Nanos>(0, session.model().SinceBegin(axis.view().begin));
  return axis.view().begin - session.model().SinceBegin(axis.view().begin) +
         (since + step - 1) / step * step;
}

}  // namespace

Nanos TimeAxis::At(float x) const {
  const double share = (static_cast<double>(x) - box_.x) / std::max(1, box_.w);
  return view_.begin + static_cast<Nanos>(std::floor(share * static_cast<double>(view_.length())));
}

TimeRange TimeAxis::Column(float x) const {
  const int column = std::clamp(static_cast<int>(x) - box_.x, 0, std::max(0, box_.w - 1));
  const Nanos begin = view_.Edge(column, std::max(1, box_.w));
  return {begin, std::max(begin + 1, view_.Edge(column + 1, std::max(1, box_.w)))};
}

int TimeAxis::X(Nanos t) const {
  const double share = static_cast<double>(t - view_.begin) /
                       static_cast<double>(std::max<Nanos>(1, view_.length()));
  return box_.x + static_cast<int>(std::lround(std::clamp(share, -0.01, 1.01) * box_.w));
}

void DrawRuler(Ui& ui, const Session& session, const TimeAxis& axis, std::string_view path) {
  const Theme& theme = ui.theme();
  const Rect box = axis.box();
  const Touched touched = ui.Area(path, box);
  if (touched.held) ui.Ask({.verb = Verb::kSeek, .time = axis.At(ui.mouse().x) + 1});
  const Nanos step = TickStep(ui, axis);
  const TraceModel& model = session.model();
  int free_from = box.x;
  for (Nanos t = FirstTick(session, axis, step); t < axis.view().end; t += step) {
    const int x = axis.X(t);
    ui.Fill({x, box.bottom() - ui.Px(4), 1, ui.Px(4)}, theme.text_faint);
    const std::string label = FormatTime(model.SinceBegin(t), step, model.extent().length());
    const int width = ui.WidthOf(theme.fonts.small, label);
    const int left = std::clamp(x - width / 2, box.x, box.right() - width);
    if (left < free_from) continue;
    ui.Text({left, box.y, width, box.h - ui.Px(4)}, theme.fonts.small, theme.text_dim, label);
    free_from = left + width + ui.Px(10);
  }
}

void DrawGrid(Ui& ui, const Session& session, const TimeAxis& axis) {
  const Rect box = axis.box();
  const Nanos step = TickStep(ui, axis);
  for (Nanos t = FirstTick(session, axis, step); t < axis.view().end; t += step) {
    ui.Fill({axis.X(t), box.y, 1, box.h}, ui.theme().grid);
  }
}

void DrawPlayHead(Ui& ui, const Session& session, const TimeAxis& axis) {
  const Theme& theme = ui.theme();
  const Rect box = axis.box();
  const auto shade = [&](int from, int to) {
    from = std::clamp(from, box.x, box.right());
    to = std::clamp(to, box.x, box.right());
    if (to > from) ui.Fill({from, box.y, to - from, box.h}, theme.shade);
  };
  const auto edge = [&](int x, Colour colour, int width) {
    if (x >= box.x && x < box.right()) ui.Fill({x, box.y, width, box.h}, colour);
  };
  if (session.selection()) {
    const int left = axis.X(session.selection()->begin);
    const int right = axis.X(session.selection()->end);
    shade(box.x, left);
    shade(right, box.right());
    edge(left, theme.accent, 1);
    edge(right - 1, theme.accent, 1);
  }
  if (!session.playback().at_end()) {
    const int x = axis.X(session.playback().head());
    shade(x, box.right());
    edge(x, theme.accent, std::max(1, ui.Px(1.5f)));
  }
}

void TimeGestures::Handle(Ui& ui, const TimeAxis& axis, const Touched& touched) {
  const ImGuiIO& io = ImGui::GetIO();
  const float x = ui.mouse().x;
  if (touched.hovered && io.MouseWheel != 0 && !io.KeyShift) {
    ui.Ask({.verb = Verb::kZoom,
            .time = axis.At(x),
            .factor = std::pow(io.KeyCtrl ? 0.95 : 0.8, static_cast<double>(io.MouseWheel))});
  }
  if (!touched.held) {
    // A click that moved nothing and selected nothing is not a selection.
    dragging_ = selecting_ = false;
    return;
  }
  if (!dragging_) {
    dragging_ = true;
    selecting_ = touched.right || io.KeyShift;
    anchor_ = axis.At(x);
    last_x_ = x;
    return;
  }
  if (x == last_x_) return;
  if (selecting_) {
    const Nanos here = axis.At(x);
    ui.Ask({.verb = Verb::kSelect, .range = {std::min(anchor_, here), std::max(anchor_, here)}});
  } else {
    ui.Ask({.verb = Verb::kPan, .time = axis.At(last_x_) - axis.At(x)});
  }
  last_x_ = x;
}

}  // namespace tally::viz
