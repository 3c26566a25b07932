#include "viz/model/playback.h"

#include <algorithm>
#include <cmath>

namespace tally::viz {

void Playback::SetExtent(TimeRange extent) {
  begin_ = extent.begin;
  end_ = extent.end;
  if (following_) head_ = end_;
  head_ = std::clamp(head_, begin_, end_);
}

bool Playback::Advance(double seconds) {
  if (!playing_) return false;
  const double move = seconds * speed_ * 1e9 + fraction_;
  const auto whole = static_cast<Nanos>(move);
  fraction_ = move - static_cast<double>(whole);
  const Nanos before = head_;
  head_ = std::min(end_, head_ + whole);
  if (at_end()) playing_ = false;
  return head_ != before;
}

void Playback::TogglePlay() {
  if (playing_) {
    playing_ = false;
    return;
  }
  following_ = false;
  if (at_end()) head_ = begin_;
  fraction_ = 0;
  playing_ = true;
}

void Playback::Seek(Nanos t) {
  following_ = false;
  head_ = std::clamp(t, begin_, end_);
}

void Playback::SeekEnd() {
  playing_ = false;
  head_ = end_;
}

void Playback::Follow() {
  SeekEnd();
  following_ = true;
}

void Playback::Shift(int direction) {
  // Steps of 1, 2, 5: found again from the speed itself, so that no index can disagree with it.
  const double power = std::pow(10, std::floor(std::log10(speed_) + 1e-9));
  const double digit = std::round(speed_ / power);
  double next = 0;
  if (direction > 0) {
    next = digit < 2 ? 2 * power : digit < 5 ? 5 * power : 10 * power;
  } else {
    next = digit > 2 ? 2 * power : digit > 1 ? power : power / 2;
  }
  speed_ = std::clamp(next, kSlowest, kFastest);
}

void Playback::SuggestSpeed(Nanos length) {
  const double wanted = static_cast<double>(std::max<Nanos>(length, 1)) / 1e9 / 10;
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  const double digit = wanted / power;
  speed_ = std::clamp((digit < 2 ? 1 : digit < 5 ? 2 : 5) * power, kSlowest, 1.0);
}

}  // namespace tally::viz
