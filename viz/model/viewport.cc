#include "viz/model/viewport.h"

#include <algorithm>

namespace tally::viz {

void Viewport::SetExtent(TimeRange extent, bool follow) {
  const bool all = range_ == extent_;
  extent_ = extent;
  if (follow) {
    range_ = {std::max(extent.begin, extent.end - kFollowed), extent.end};
  } else if (all) {
    range_ = extent;
  }
  Confine();
}

void Viewport::Confine() {
  const Nanos longest = std::max<Nanos>(1, extent_.length());
  const Nanos length = std::clamp(range_.length(), std::min(kShortest, longest), longest);
  const Nanos begin = std::clamp(range_.begin, extent_.begin, extent_.begin + longest - length);
  range_ = {begin, begin + length};
}

void Viewport::ZoomAt(Nanos at, double factor) {
  const double length = static_cast<double>(range_.length());
  const double share = length == 0 ? 0 : static_cast<double>(at - range_.begin) / length;
  const auto longest = static_cast<double>(std::max<Nanos>(1, extent_.length()));
  const double next = std::clamp(length * factor, std::min<double>(kShortest, longest), longest);
  range_.begin = at - static_cast<Nanos>(share * next);
  range_.end = range_.begin + static_cast<Nanos>(next);
  Confine();
}

void Viewport::Pan(Nanos by) {
  range_ = {range_.begin + by, range_.end + by};
  Confine();
}

void Viewport::Show(TimeRange range) {
  range_ = range;
  Confine();
}

void Viewport::Reveal(Nanos t) {
  if (t < range_.begin || t >= range_.end) Pan(t - range_.begin - range_.length() / 2);
}

}  // namespace tally::viz
