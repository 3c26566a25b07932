// The play head: where in the recording we are, and how it moves.
//
// Everything that panels add up ends at the play head, so a replay shows the numbers growing as the
// run's own. At the end of the recording nothing is left out.
#pragma once

#include "viz/model/time_range.h"

namespace tally::viz {

class Playback {
 public:
  static constexpr double kFastest = 100;
  static constexpr double kSlowest = 1e-6;

  // Called when the recording grows. A head that follows stays at the end.
  void SetExtent(TimeRange extent);
  // `seconds` of the viewer's time went by. True if the head moved.
  bool Advance(double seconds);

  // From the end, play starts again at the beginning.
  void TogglePlay();
  void Pause() { playing_ = false; }
  // Stops following; pauses unless the head is being played.
  void Seek(Nanos t);
  void SeekEnd();
  // To the newest event and stay there (live).
  void Follow();
  void Faster() { Shift(1); }
  void Slower() { Shift(-1); }

  // The speed at which the whole recording takes about ten seconds: what a short one needs to be
  // watched at all.
  void SuggestSpeed(Nanos length);

  Nanos head() const { return head_; }
  bool at_end() const { return head_ >= end_; }
  bool playing() const { return playing_; }
  bool following() const { return following_; }
  double speed() const { return speed_; }  // seconds of the recording per second of the viewer

 private:
  void Shift(int direction);

  Nanos head_ = 0;
  Nanos begin_ = 0;
  Nanos end_ = 0;
  double fraction_ = 0;  // of a nanosecond, not yet moved
  double speed_ = 1;
  bool playing_ = false;
  bool following_ = true;
};

}  // namespace tally::viz
