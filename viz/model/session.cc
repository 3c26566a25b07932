#include "viz/model/session.h"

namespace tally::viz {

bool Session::Update(const Recording& recording, bool live) {
  const bool first = !model_.ready();
  const bool ended = live_ && !live;
  live_ = live;
  if (!model_.Update(recording)) return ended;
  playback_.SetExtent(model_.extent());
  viewport_.SetExtent(model_.extent(), live && playback_.following());
  if (first && !live) {
    // What people came to see: the work, not the workers' arrival.
    const TimeRange run = model_.run();
    const Nanos margin = run.length() / 50;
    viewport_.Show(TimeRange{run.begin - margin, run.end + margin}.Clip(model_.extent()));
  }
  if (first || live) playback_.SuggestSpeed(model_.extent().length());
  return true;
}

bool Session::Advance(double seconds) {
  if (!playback_.Advance(seconds)) return false;
  decision_.reset();
  viewport_.Reveal(playback_.head());
  return true;
}

TimeRange Session::range() const {
  TimeRange all = selection_ ? selection_->Clip(model_.extent()) : model_.extent();
  all.end = std::max(all.begin, std::min(all.end, playback_.head()));
  return all;
}

void Session::Step(bool forward, bool steals_only) {
  playback_.Pause();
  Moment at = decision_ ? *decision_ : MomentAfter(playback_.head() - 1);
  while (true) {
    const std::optional<Moment> next =
        forward ? NextDecision(model_.recording(), at) : PreviousDecision(model_.recording(), at);
    if (!next) return;
    at = *next;
    if (!steals_only || model_.recording().lanes[at.lane][at.index].kind == EventKind::kSteal)
      break;
  }
  // The head stands just after the decision, which thereby has happened.
  playback_.Seek(at.time + 1);
  viewport_.Reveal(at.time);
  decision_ = at;
}

void Session::Do(const Command& command) {
  if (command.verb == Verb::kQuit) quit_ = true;
  if (command.verb == Verb::kHelp) help_open_ = !help_open_;
  if (command.verb == Verb::kArrows) arrows_ = !arrows_;
  if (!model_.ready()) return;
  switch (command.verb) {
    case Verb::kPlayPause:
      // Live, the same key freezes the picture and lets it run again; the recording goes on.
      if (live_ && playback_.following()) {
        playback_.Seek(playback_.head());
      } else if (live_ && !playback_.playing() && playback_.at_end()) {
        playback_.Follow();
      } else {
        playback_.TogglePlay();
        decision_.reset();
        viewport_.Reveal(playback_.head());
      }
      break;
    case Verb::kStepBack:
      Step(false, false);
      break;
    case Verb::kStepForward:
      Step(true, false);
      break;
    case Verb::kStepStealBack:
      Step(false, true);
      break;
    case Verb::kStepStealForward:
      Step(true, true);
      break;
    case Verb::kStart:
      playback_.Pause();
      playback_.Seek(model_.extent().begin);
      decision_.reset();
      viewport_.Reveal(model_.extent().begin);
      break;
    case Verb::kEnd:
      if (live_) {
        playback_.Follow();
      } else {
        playback_.SeekEnd();
      }
      decision_.reset();
      viewport_.Reveal(model_.extent().end - 1);
      break;
    case Verb::kFollow:
      if (playback_.following() && live_) {
        playback_.Seek(playback_.head());
      } else {
        playback_.Follow();
        decision_.reset();
        viewport_.SetExtent(model_.extent(), live_);
      }
      break;
    case Verb::kSlower:
      playback_.Slower();
      break;
    case Verb::kFaster:
      playback_.Faster();
      break;
    case Verb::kSeek:
      playback_.Seek(command.time);
      decision_.reset();
      break;
    case Verb::kZoom:
      if (live_ && playback_.following()) playback_.Seek(playback_.head());
      viewport_.ZoomAt(command.time, command.factor);
      break;
    case Verb::kPan:
      if (live_ && playback_.following()) playback_.Seek(playback_.head());
      viewport_.Pan(command.time);
      break;
    case Verb::kShow:
      viewport_.Show(command.range);
      break;
    case Verb::kFit:
      viewport_.Fit();
      break;
    case Verb::kSelect:
      if (!command.range.empty()) selection_ = command.range.Clip(model_.extent());
      break;
    case Verb::kUnselect:
      selection_.reset();
      break;
    case Verb::kHelp:
    case Verb::kArrows:
    case Verb::kQuit:
      break;
  }
}

}  // namespace tally::viz
