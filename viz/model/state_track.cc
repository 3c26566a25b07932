#include "viz/model/state_track.h"

#include <algorithm>

namespace tally::viz {
namespace {

size_t IndexOf(WorkerState state) { return static_cast<size_t>(state); }

}  // namespace

void StateTrack::Append(Nanos until, WorkerState state) {
  if (!begun_) {
    begun_ = true;
    end_ = until;
    return;
  }
  if (until <= end_) return;
  if (states_.empty() || states_.back() != state) {
    if (starts_.size() % kLeaf == 0) {
      StateTimes sum{};
      if (!leaves_.empty()) {
        sum = leaves_.back();
        for (size_t i = starts_.size() - kLeaf; i < starts_.size(); ++i) {
          const Nanos next = i + 1 < starts_.size() ? starts_[i + 1] : end_;
          sum[IndexOf(states_[i])] += next - starts_[i];
        }
      }
      leaves_.push_back(sum);
    }
    starts_.push_back(end_);
    states_.push_back(state);
  }
  end_ = until;
}

void StateTrack::SetTail(WorkerState state, Nanos horizon) {
  tail_ = begun_ ? state : WorkerState::kAbsent;
  horizon_ = std::max(horizon, end_);
}

size_t StateTrack::Find(Nanos t, size_t from) const {
  if (t >= end_) return starts_.size();
  // Gallop: consecutive columns are near each other.
  size_t step = 1;
  size_t low = from;
  while (low + step < starts_.size() && starts_[low + step] <= t) {
    low += step;
    step *= 2;
  }
  const auto first = starts_.begin() + static_cast<std::ptrdiff_t>(low);
  const auto last =
      starts_.begin() + static_cast<std::ptrdiff_t>(std::min(low + step + 1, starts_.size()));
  const auto after = std::upper_bound(first, last, t);
  return after == starts_.begin() ? 0 : static_cast<size_t>(after - starts_.begin()) - 1;
}

StateTimes StateTrack::SumBefore(Nanos t, size_t i) const {
  StateTimes sum{};
  if (!begun_) return sum;
  if (!starts_.empty() && t > starts_.front()) {
    const size_t leaf = std::min(i / kLeaf, leaves_.size() - 1);
    sum = leaves_[leaf];
    for (size_t k = leaf * kLeaf; k < starts_.size() && k <= i; ++k) {
      const Nanos next = k + 1 < starts_.size() ? starts_[k + 1] : end_;
      sum[IndexOf(states_[k])] += std::min(next, t) - starts_[k];
    }
  }
  if (t > end_) sum[IndexOf(tail_)] += std::min(t, horizon_) - end_;
  return sum;
}

StateTimes StateTrack::Times(TimeRange range) const {
  std::vector<StateTimes> one;
  Columns(range, 1, &one);
  return one.front();
}

void StateTrack::Columns(TimeRange view, int columns, std::vector<StateTimes>* out) const {
  size_t at = Find(view.begin, 0);
  StateTimes before = SumBefore(view.begin, at);
  Nanos left = view.begin;
  for (int c = 0; c < columns; ++c) {
    const Nanos right = view.Edge(c + 1, columns);
    at = Find(right, std::min(at, starts_.empty() ? size_t{0} : starts_.size() - 1));
    const StateTimes after = SumBefore(right, at);
    StateTimes times{};
    Nanos known = 0;
    for (size_t s = 0; s < times.size(); ++s) {
      times[s] = after[s] - before[s];
      known += times[s];
    }
    times[IndexOf(WorkerState::kAbsent)] += right - left - known;
    out->push_back(times);
    before = after;
    left = right;
  }
}

WorkerState StateTrack::At(Nanos t) const {
  if (!begun_ || t >= horizon_) return WorkerState::kAbsent;
  if (t >= end_) return tail_;
  if (starts_.empty() || t < starts_.front()) return WorkerState::kAbsent;
  return states_[Find(t, 0)];
}

TimeRange StateTrack::SegmentAt(Nanos t) const {
  if (At(t) == WorkerState::kAbsent) return {t, t};
  if (t >= end_) {
    const bool same = !states_.empty() && states_.back() == tail_;
    return {same ? starts_.back() : end_, horizon_};
  }
  const size_t i = Find(t, 0);
  if (i + 1 < starts_.size()) return {starts_[i], starts_[i + 1]};
  return {starts_[i], states_[i] == tail_ ? horizon_ : end_};
}

}  // namespace tally::viz
