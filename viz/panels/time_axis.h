// What the time panels share: columns of pixels to time and back, the ruler, the play head, and
// what dragging and the wheel mean.
#pragma once

#include <optional>

#include "viz/model/session.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class TimeAxis {
 public:
  TimeAxis(TimeRange view, Rect box) : view_(view), box_(box) {}

  Nanos At(float x) const;
  // The time of the pixel column at x.
  TimeRange Column(float x) const;
  // Rounded to whole pixels, clamped to a little outside of the box.
  int X(Nanos t) const;
  TimeRange view() const { return view_; }
  Rect box() const { return box_; }

 private:
  TimeRange view_;
  Rect box_;
};

// Ticks with labels; a click or drag moves the play head.
void DrawRuler(Ui& ui, const Session& session, const TimeAxis& axis, std::string_view path);
// Fine vertical lines under the ruler's ticks.
void DrawGrid(Ui& ui, const Session& session, const TimeAxis& axis);
// Shades what is after the play head, and what is outside of the selection.
void DrawPlayHead(Ui& ui, const Session& session, const TimeAxis& axis);

// Pan by dragging, select with the right button or Shift, zoom with the wheel.
class TimeGestures {
 public:
  void Handle(Ui& ui, const TimeAxis& axis, const Touched& touched);

 private:
  float last_x_ = 0;
  bool dragging_ = false;
  bool selecting_ = false;
  Nanos anchor_ = 0;
};

}  // namespace tally::viz
