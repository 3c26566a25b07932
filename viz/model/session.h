// One person looking at one recording: the model, where the play head is, what is in view.
#pragma once

#include <optional>
#include <string>

#include "viz/model/command.h"
#include "viz/model/decisions.h"
#include "viz/model/playback.h"
#include "viz/model/trace_model.h"
#include "viz/model/viewport.h"

namespace tally::viz {

class Session {
 public:
  // Takes what is new in the recording (always the same one). `live`: more may come.
  // True if anything changed.
  bool Update(const Recording& recording, bool live);
  // The viewer's clock moved. True if the play head did.
  bool Advance(double seconds);
  void Do(const Command& command);

  const TraceModel& model() const { return model_; }
  const Playback& playback() const { return playback_; }
  TimeRange view() const { return viewport_.range(); }
  bool live() const { return live_; }
  bool help_open() const { return help_open_; }
  bool arrows() const { return arrows_; }
  bool quit() const { return quit_; }
  const std::optional<TimeRange>& selection() const { return selection_; }

  // What every panel adds up: the selection, or everything, up to the play head.
  TimeRange range() const;
  // Nothing is left out of range().
  bool whole() const { return range() == model_.extent(); }
  // The decision stepped to, if the play head still is there.
  const std::optional<Moment>& decision() const { return decision_; }

 private:
  void Step(bool forward, bool steals_only);

  TraceModel model_;
  Playback playback_;
  Viewport viewport_;
  std::optional<TimeRange> selection_;
  std::optional<Moment> decision_;
  bool live_ = false;
  bool help_open_ = false;
  bool arrows_ = true;
  bool quit_ = false;
};

}  // namespace tally::viz
