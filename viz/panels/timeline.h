// What each worker did, when: a lane per worker, grouped by node.
//
// A lane shows the states' shares per pixel column, the tasks themselves once there is room for
// them, and below, if the lane is high enough, the worker's queue depth. A spare's lane is lower
// and shows states and tasks only.
#pragma once

#include <cstdint>

#include "viz/model/row_layout.h"
#include "viz/model/session.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/time_axis.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class Timeline {
 public:
  // `head`: the card's title line, for a hint at the right.
  void Draw(Ui& ui, const Session& session, Rect box, Rect head);

 private:
  // How a lane's height is split.
  struct Split {
    int state = 0;
    int depth = 0;
    int nested = 0;  // levels of tasks inside tasks, each of `level` pixels
    int level = 0;
  };
  // One split for all workers' lanes, so that the rows line up; a lane's spare pixel goes to its
  // states.
  Split SplitOf(const Ui& ui, const Lane& lane) const;
  void Paint(const Ui& ui, const Session& session, Rect box);
  void DrawLevel(Ui& ui, const Session& session, const TimeAxis& axis, const SpanList& spans,
                 size_t level, Rect row);
  void DrawTasks(Ui& ui, const Session& session, const TimeAxis& axis, int top);
  void DrawSteals(Ui& ui, const Session& session, const TimeAxis& axis, int top, Rect head);
  void Hover(Ui& ui, const Session& session, const TimeAxis& axis, int top, const Touched& touched);

  PixelImage image_;
  RowLayout layout_;
  int least_height_ = 0;  // of the workers' lanes
  int levels_ = 0;        // of tasks inside tasks, over all workers but spares, in view
  int painted_levels_ = 0;
  int tasks_left_ = 0;  // that may still be drawn in this frame
  uint64_t painted_ = 0;
  TimeRange painted_view_;
  int scroll_ = 0;
  int painted_scroll_ = 0;
  TimeGestures gestures_;
};

}  // namespace tally::viz
