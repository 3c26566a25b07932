#include "viz/panels/timeline.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"
#include "viz/panels/gutter.h"
#include "viz/panels/slots.h"

namespace tally::viz {
namespace {

// With less room than this for each, arrows are a cloud: the matrix says it better.
constexpr int kPixelsPerArrow = 7;
constexpr int kMostTasks = 8000;
constexpr int kLeastTask = 3;  // pixels: shorter ones are what the shares are for

Colour Faint(Colour colour, Colour alpha) {
  return (colour & ~IM_COL32_A_MASK) | (alpha << IM_COL32_A_SHIFT);
}

}  // namespace

Timeline::Split Timeline::SplitOf(const Ui& ui, const Lane& lane) const {
  Split split;
  split.state = lane.height;
  const int lane_height = least_height_;
  if (lane.is_spare() || lane_height < ui.Px(15)) return split;
  split.depth =
      std::clamp(lane_height / 4, lane_height < ui.Px(60) ? lane_height * 2 / 5 : 0, ui.Px(40));
  split.depth = std::min(split.depth, std::max(ui.Px(18), lane_height / 5));
  split.state = lane_height - split.depth - 2;
  // Of a high lane, the states get enough to be read; tasks inside tasks get what they need.
  split.level = ui.Px(15);
  const int spare = split.state - ui.Px(18);
  if (levels_ > 1 && spare >= split.level) {
    split.nested = std::min(levels_ - 1, spare / split.level);
    split.state -= split.nested * split.level;
  }
  split.state += lane.height - least_height_;
  return split;
}

void Timeline::Paint(const Ui& ui, const Session& session, Rect box) {
  const TraceModel& model = session.model();
  if (painted_ == model.revision() && painted_view_ == session.view() &&
      painted_scroll_ == scroll_ && painted_levels_ == levels_ && image_.width() == box.w &&
      image_.height() == box.h) {
    return;
  }
  painted_ = model.revision();
  painted_view_ = session.view();
  painted_scroll_ = scroll_;
  painted_levels_ = levels_;
  image_.Resize(box.w, box.h, ui.theme().well);
  const uint32_t scale = model.greatest_depth();
  std::vector<StateTimes> states;
  std::vector<MinMax> depths;
  for (const Lane& lane : layout_.lanes) {
    const int top = lane.top - scroll_;
    if (top < 0 || top + lane.height > box.h) continue;
    const WorkerTrack& track = model.worker(lane.worker);
    const Split split = SplitOf(ui, lane);
    states.clear();
    track.states().Columns(painted_view_, box.w, &states);
    for (int x = 0; x < box.w; ++x) {
      PaintStates(ui.theme(), states[static_cast<size_t>(x)], x, top, split.state, &image_);
    }
    if (split.depth == 0) continue;
    depths.clear();
    track.depth().Columns(painted_view_, box.w, &depths);
    for (int x = 0; x < box.w; ++x) {
      PaintDepth(ui.theme(), depths[static_cast<size_t>(x)], scale, false, x,
                 top + lane.height - split.depth, split.depth, &image_);
    }
  }
}

void Timeline::DrawLevel(Ui& ui, const Session& session, const TimeAxis& axis,
                         const SpanList& spans, size_t level, Rect row) {
  const Theme& theme = ui.theme();
  const TimeRange view = axis.view();
  const SpanList::Slice slice = spans.In(view, level);
  int shade_from = row.x;  // of the tasks too short to be drawn one by one
  int shade_to = row.x;
  const auto shade = [&] {
    if (level > 0 && shade_to > shade_from) {
      ui.Fill({shade_from, row.y, shade_to - shade_from, row.h},
              Faint(theme.State(WorkerState::kRunOwn), 90));
      --tasks_left_;
    }
  };
  for (size_t i = slice.first; i < slice.last && tasks_left_ > 0;) {
    const TaskSpan& span = spans.at(level, i);
    const int x0 = std::max(row.x, axis.X(span.begin));
    const int x1 =
        std::min(row.right(), span.end == TaskSpan::kOpen ? row.right() : axis.X(span.end));
    if (x1 - x0 < kLeastTask) {
      if (x0 > shade_to) {
        shade();
        shade_from = x0;
      }
      shade_to = std::max(shade_to, x0 + 1);
      i = std::max(i + 1, spans.EndingAfter(axis.Column(static_cast<float>(x0)).end, level, i));
      continue;
    }
    const Colour colour = theme.State(span.stolen ? WorkerState::kRunStolen : WorkerState::kRunOwn);
    const Rect bar{x0, row.y, x1 - x0, row.h};
    if (level > 0) ui.Fill(bar, Faint(colour, 150));
    ui.Fill({x1 - 1, row.y, 1, row.h}, theme.well);
    --tasks_left_;
    ++i;
    const int pad = ui.Px(4);
    const std::string_view name = session.model().TaskName(span.task);
    if (name.empty() || bar.w < ui.Px(30) || row.h < Ui::HeightOf(theme.fonts.small)) continue;
    ui.Text({bar.x + pad, row.y, bar.w - 2 * pad, std::min(row.h, ui.Px(16))}, theme.fonts.small,
            level > 0 ? theme.text : theme.TextOn(colour), name);
  }
  shade();
}

void Timeline::DrawTasks(Ui& ui, const Session& session, const TimeAxis& axis, int top) {
  const Rect box = axis.box();
  tasks_left_ = kMostTasks;
  for (const Lane& lane : layout_.lanes) {
    const int y = top + lane.top;
    if (y < box.y || y + lane.height > box.bottom() || lane.height < ui.Px(9)) continue;
    const SpanList& spans = session.model().worker(lane.worker).spans();
    const Split split = SplitOf(ui, lane);
    DrawLevel(ui, session, axis, spans, 0, {box.x, y, box.w, split.state});
    for (int level = 1; level <= split.nested; ++level) {
      const int row = y + split.state + (level - 1) * split.level;
      DrawLevel(ui, session, axis, spans, static_cast<size_t>(level),
                {box.x, row, box.w, split.level - 1});
    }
  }
}

void Timeline::DrawSteals(Ui& ui, const Session& session, const TimeAxis& axis, int top,
                          Rect head) {
  const Theme& theme = ui.theme();
  const TraceModel& model = session.model();
  const Rect box = axis.box();
  size_t steals = 0;
  for (const Lane& lane : layout_.lanes) {
    const CountIndex& index = model.worker(lane.worker).steals();
    steals += index.FirstAt(axis.view().end) - index.FirstAt(axis.view().begin);
  }
  ui.shown().Put("timeline/steals_in_view", box, uint64_t{steals});
  const bool cloud = steals > static_cast<size_t>(box.w / kPixelsPerArrow);
  std::string hint =
      absl::StrCat(FormatCount(steals), steals == 1 ? " steal" : " steals", " in view");
  if (cloud && session.arrows()) absl::StrAppend(&hint, ": zoom in for arrows");
  ui.Text(head, theme.fonts.small, theme.text_dim, hint, Align::kRight);
  if (!session.arrows() || cloud) return;
  std::vector<int> middle(static_cast<size_t>(model.workers()));  // of those who have lanes
  for (const Lane& lane : layout_.lanes) {
    middle[lane.worker.index()] = top + lane.top + lane.height / 2;
  }
  for (const Lane& lane : layout_.lanes) {
    const CountIndex& index = model.worker(lane.worker).steals();
    const size_t last = index.FirstAt(axis.view().end);
    for (size_t i = index.FirstAt(axis.view().begin); i < last; ++i) {
      const WorkerId victim(static_cast<int32_t>(index.category(i)));
      const bool remote = model.NodeOf(victim) != lane.node;
      const auto x = static_cast<float>(axis.X(index.time(i)));
      const auto from = static_cast<float>(middle[victim.index()]);
      const auto to = static_cast<float>(middle[lane.worker.index()]);
      const Colour colour = remote ? theme.steal_remote : theme.steal_near;
      const auto bend = static_cast<float>(ui.Px(6));
      ui.list()->AddBezierQuadratic({x - bend, from}, {x - bend, (from + to) / 2}, {x, to}, colour,
                                    remote ? 1.4f : 1.0f, 8);
      const auto tip = static_cast<float>(ui.Px(2.5f));
      ui.list()->AddCircleFilled({x, to}, tip, colour, 8);
    }
  }
}

void Timeline::Hover(Ui& ui, const Session& session, const TimeAxis& axis, int top,
                     const Touched& touched) {
  if (!touched.hovered || touched.held) return;
  const TimeRange column = axis.Column(ui.mouse().x);
  const Lane* lane = layout_.At(static_cast<int>(ui.mouse().y) - top);
  ui.Fill({static_cast<int>(ui.mouse().x), axis.box().y, 1, axis.box().h}, ui.theme().grid);
  if (touched.double_clicked) {
    const TaskSpan* span =
        lane == nullptr ? nullptr : session.model().worker(lane->worker).spans().At(column.begin);
    if (span != nullptr && span->end != TaskSpan::kOpen) {
      const Nanos margin = (span->end - span->begin) / 4 + 1;
      ui.Ask({.verb = Verb::kShow, .range = {span->begin - margin, span->end + margin}});
    } else {
      ui.Ask({.verb = Verb::kFit});
    }
  }
  if (lane != nullptr) ui.ShowTip(TimelineTip(session.model(), lane->worker, column));
}

void Timeline::Draw(Ui& ui, const Session& session, Rect box, Rect head) {
  const Theme& theme = ui.theme();
  const int gutter = GutterWidth(ui);
  const int ruler = ui.Px(20);
  const Rect area{box.x + gutter, box.y + ruler, box.w - gutter, box.h - ruler};
  const TimeAxis axis(session.view(), area);
  DrawRuler(ui, session, TimeAxis(session.view(), {area.x, box.y, area.w, ruler}),
            "timeline/ruler");
  layout_ = LayOutRows(
      session.model(),
      {.height = area.h, .lane_max = ui.Px(240), .spare_max = ui.Px(17), .node_gap = ui.Px(6)});
  least_height_ = area.h;
  levels_ = 0;
  for (const Lane& lane : layout_.lanes) {
    if (lane.is_spare()) continue;
    least_height_ = std::min(least_height_, lane.height);
    const SpanList& spans = session.model().worker(lane.worker).spans();
    for (size_t level = spans.levels(); level > static_cast<size_t>(levels_); --level) {
      if (spans.In(session.view(), level - 1).size() == 0) continue;
      levels_ = static_cast<int>(level);
      break;
    }
  }
  const Touched touched = ui.Area("timeline", area);
  if (touched.hovered && ImGui::GetIO().KeyShift) {
    scroll_ -= static_cast<int>(ImGui::GetIO().MouseWheel * static_cast<float>(ui.Px(40)));
  }
  scroll_ = std::clamp(scroll_, 0, std::max(0, layout_.height - area.h));
  const int top = area.y - scroll_;
  Paint(ui, session, area);
  ui.Picture(kTimelineSlot, image_, area);
  ui.list()->PushClipRect(Vec(area.x, area.y), Vec(area.right(), area.bottom()), true);
  DrawGrid(ui, session, axis);
  DrawTasks(ui, session, axis, top);
  ui.list()->PopClipRect();
  ui.list()->PushClipRect(Vec(box.x, head.y), Vec(area.right(), area.bottom()), true);
  DrawSteals(ui, session, axis, top, head);
  DrawPlayHead(ui, session, axis);
  ui.list()->PopClipRect();
  DrawGutter(ui, layout_, {box.x, area.y, gutter, area.h}, top);
  // What each worker is doing at the play head.
  const Nanos now = session.playback().head() - 1;
  for (const Lane& lane : layout_.lanes) {
    if (lane.top + lane.height < scroll_ || lane.top > scroll_ + area.h) continue;
    const WorkerState state = session.model().worker(lane.worker).states().At(now);
    ui.shown().Put(absl::StrCat("timeline/worker/", lane.worker.value()),
                   {area.x, top + lane.top, area.w, lane.height},
                   std::string(WorkerStateKey(state)));
  }
  ui.shown().Put("timeline/workers", area, int64_t{session.model().regular_workers()});
  ui.shown().Put("timeline/begin_ns", area, int64_t{session.view().begin});
  ui.shown().Put("timeline/end_ns", area, int64_t{session.view().end});
  if (layout_.height > area.h) {
    const int bar = std::max(ui.Px(16), area.h * area.h / layout_.height);
    const int at = area.y + (area.h - bar) * scroll_ / (layout_.height - area.h);
    ui.Fill({area.right() - ui.Px(4), at, ui.Px(3), bar}, theme.text_faint, 1);
  }
  gestures_.Handle(ui, axis, touched);
  Hover(ui, session, axis, top, touched);
}

}  // namespace tally::viz
