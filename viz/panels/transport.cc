#include "viz/panels/transport.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"

namespace tally::viz {
namespace {

enum class Icon { kStart, kStepBack, kPlay, kPause, kStepForward, kEnd };

void DrawIcon(Ui& ui, Rect box, Icon icon, Colour colour) {
  const int size = ui.Px(10);
  const int x = box.x + (box.w - size) / 2;
  const int y = box.y + (box.h - size) / 2;
  const int bar = ui.Px(2);
  ImDrawList* list = ui.list();
  const auto right = [&](int from, int width) {
    list->AddTriangleFilled(Vec(from, y), Vec(from + width, y + size / 2), Vec(from, y + size),
                            colour);
  };
  const auto left = [&](int from, int width) {
    list->AddTriangleFilled(Vec(from + width, y), Vec(from + width, y + size),
                            Vec(from, y + size / 2), colour);
  };
  switch (icon) {
    case Icon::kStart:
      ui.Fill({x, y, bar, size}, colour);
      left(x + bar + 1, size - bar - 1);
      break;
    case Icon::kEnd:
      ui.Fill({x + size - bar, y, bar, size}, colour);
      right(x, size - bar - 1);
      break;
    case Icon::kStepBack:
      left(x - bar, size - bar);
      ui.Fill({x + size - bar, y, bar, size}, colour);
      break;
    case Icon::kStepForward:
      ui.Fill({x, y, bar, size}, colour);
      right(x + bar + bar, size - bar);
      break;
    case Icon::kPlay:
      right(x + 1, size);
      break;
    case Icon::kPause:
      ui.Fill({x, y, bar + bar / 2 + 1, size}, colour);
      ui.Fill({x + size - bar - bar / 2 - 1, y, bar + bar / 2 + 1, size}, colour);
      break;
  }
}

class Row {
 public:
  Row(Ui& ui, Rect box) : ui_(ui), box_(box), x_(box.x) {}
  Rect Take(int width) {
    const Rect taken{x_, box_.y, width, box_.h};
    x_ = taken.right() + ui_.Px(4);
    return taken;
  }
  void Gap(int width) { x_ += width; }
  int x() const { return x_; }

 private:
  Ui& ui_;
  Rect box_;
  int x_;
};

void PushIcon(Ui& ui, Row* row, const char* path, Icon icon, Verb verb, bool on = false) {
  const Rect box = row->Take(ui.Px(icon == Icon::kPlay || icon == Icon::kPause ? 40 : 28));
  if (ui.BareButton(path, box, on)) ui.Ask({.verb = verb});
  DrawIcon(ui, box, icon, on ? ui.theme().accent : ui.theme().text);
}

}  // namespace

void DrawTransport(Ui& ui, const Session& session, Rect box) {
  const Theme& theme = ui.theme();
  const Playback& playback = session.playback();
  const bool moving = playback.playing() || (session.live() && playback.following());
  Row row(ui, box);
  PushIcon(ui, &row, "transport/start", Icon::kStart, Verb::kStart);
  PushIcon(ui, &row, "transport/step_back", Icon::kStepBack, Verb::kStepBack);
  PushIcon(ui, &row, "transport/play", moving ? Icon::kPause : Icon::kPlay, Verb::kPlayPause,
           moving);
  PushIcon(ui, &row, "transport/step_forward", Icon::kStepForward, Verb::kStepForward);
  PushIcon(ui, &row, "transport/end", Icon::kEnd, Verb::kEnd);
  row.Gap(ui.Px(10));
  if (ui.Button("transport/slower", row.Take(ui.Px(24)), "-")) ui.Ask({.verb = Verb::kSlower});
  const std::string speed = FormatSpeed(playback.speed());
  const Rect speed_box =
      row.Take(std::max(ui.Px(58), ui.WidthOf(theme.fonts.body, speed) + ui.Px(8)));
  ui.Text(speed_box, theme.fonts.body, theme.text, speed, Align::kCentre);
  ui.shown().Put("transport/speed", speed_box, playback.speed());
  if (ui.Button("transport/faster", row.Take(ui.Px(24)), "+")) ui.Ask({.verb = Verb::kFaster});
  row.Gap(ui.Px(12));

  const TraceModel& model = session.model();
  const Nanos length = model.ready() ? model.extent().length() : 0;
  const Nanos since = model.ready() ? model.SinceBegin(playback.head()) : 0;
  const Nanos resolution = std::max<Nanos>(1, session.view().length() / 2000);
  const std::string now = FormatTime(since, resolution, length);
  const std::string of = absl::StrCat("of ", FormatDuration(length));
  const Rect now_box = row.Take(ui.WidthOf(theme.fonts.strong, now) + ui.Px(2));
  ui.Text(now_box, theme.fonts.strong, theme.text, now);
  ui.shown().Put("transport/time_ns", now_box, int64_t{since});
  ui.Text(row.Take(ui.WidthOf(theme.fonts.body, of) + ui.Px(4)), theme.fonts.body, theme.text_dim,
          of);
  row.Gap(ui.Px(12));

  // From the right: help, fit, arrows, follow.
  int right = box.right();
  const auto button = [&](const char* path, const char* text, Verb verb, bool on) {
    const int width = ui.WidthOf(theme.fonts.body, text) + ui.Px(20);
    right -= width;
    if (ui.Button(path, {right, box.y, width, box.h}, text, on)) ui.Ask({.verb = verb});
    right -= ui.Px(4);
  };
  button("transport/help", "?", Verb::kHelp, session.help_open());
  button("transport/fit", "Fit", Verb::kFit, false);
  button("transport/arrows", "Arrows", Verb::kArrows, session.arrows());
  if (session.selection()) button("transport/unselect", "Drop selection", Verb::kUnselect, false);
  if (session.live()) button("transport/follow", "Follow", Verb::kFollow, playback.following());

  if (session.decision()) {
    const std::string sentence = Describe(session.model(), *session.decision());
    const Rect said{row.x(), box.y, right - row.x() - ui.Px(8), box.h};
    ui.Text(said, theme.fonts.body, theme.accent, sentence);
    ui.shown().Put("transport/decision", said, sentence);
  }
}

}  // namespace tally::viz
