// A line of numbers per worker.
#pragma once

#include <vector>

#include "viz/model/figures.h"
#include "viz/panels/ui.h"

namespace tally::viz {

class WorkerPanel {
 public:
  void Draw(Ui& ui, const Figures& figures, Rect box);

 private:
  int sorted_by_ = 0;
  bool descending_ = false;
  int scroll_ = 0;  // lines
};

}  // namespace tally::viz
