// What a person can ask of the dashboard. Keys, buttons and drags all come down to one of these.
#pragma once

#include <cstdint>

#include "viz/model/time_range.h"

namespace tally::viz {

enum class Verb : uint8_t {
  kPlayPause,
  kStepBack,
  kStepForward,
  kStepStealBack,
  kStepStealForward,
  kStart,
  kEnd,
  kFollow,
  kSlower,
  kFaster,
  kSeek,  // time
  kZoom,  // at time, by factor
  kPan,   // by time
  kShow,  // range
  kFit,
  kSelect,  // range
  kUnselect,
  kHelp,
  kArrows,
  kQuit,
};

struct Command {
  Verb verb;
  Nanos time = 0;
  TimeRange range = {};
  double factor = 1;
};

}  // namespace tally::viz
