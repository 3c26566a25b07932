#include "viz/model/min_max_series.h"

#include <algorithm>

namespace tally::viz {
namespace {

void Include(uint32_t value, MinMax* into) {
  into->min = std::min(into->min, value);
  into->max = std::max(into->max, value);
}

}  // namespace

void MinMaxSeries::Append(Nanos time, uint32_t value) {
  size_t index = times_.size();
  times_.push_back(time);
  values_.push_back(value);
  greatest_ = std::max(greatest_, value);
  for (size_t level = 0;; ++level) {
    index /= kFan;
    if (level == levels_.size()) {
      if (index != 0) return;  // cannot be: levels are created when their first entry opens
      levels_.emplace_back();
    }
    std::vector<MinMax>& entries = levels_[level];
    if (index == entries.size()) {
      entries.push_back({value, value});
    } else {
      Include(value, &entries[index]);
    }
    if (level + 1 == levels_.size() && entries.size() <= kFan) return;
    if (level + 1 == levels_.size()) {
      // A level that outgrows one fan needs a level above, filled with what is there already.
      levels_.emplace_back();
      for (size_t i = 0; i < levels_[level].size(); ++i) {
        const MinMax entry = levels_[level][i];
        if (i % kFan == 0) {
          levels_[level + 1].push_back(entry);
        } else {
          Include(entry.min, &levels_[level + 1].back());
          Include(entry.max, &levels_[level + 1].back());
        }
      }
      return;
    }
  }
}

void MinMaxSeries::Truncate(size_t count) {
  times_.resize(count);
  values_.resize(count);
  size_t below = count;
  for (size_t level = 0; level < levels_.size(); ++level) {
    std::vector<MinMax>& entries = levels_[level];
    entries.resize((below + kFan - 1) / kFan);
    if (!entries.empty()) {
      // The last entry may have lost some of what it stood for.
      const size_t first = (entries.size() - 1) * kFan;
      const auto at = [&](size_t i) {
        return level == 0 ? MinMax{values_[i], values_[i]} : levels_[level - 1][i];
      };
      entries.back() = at(first);
      for (size_t i = first + 1; i < below; ++i) {
        Include(at(i).min, &entries.back());
        Include(at(i).max, &entries.back());
      }
    }
    below = entries.size();
  }
}

void MinMaxSeries::Merge(std::vector<Sample> samples) {
  if (samples.empty()) return;
  const auto earlier = [](const Sample& a, const Sample& b) { return a.time < b.time; };
  std::stable_sort(samples.begin(), samples.end(), earlier);
  const size_t keep = CountUntil(samples.front().time, 0);
  std::vector<Sample> late;
  for (size_t i = keep; i < times_.size(); ++i) late.push_back({times_[i], values_[i]});
  Truncate(keep);
  std::vector<Sample> all(late.size() + samples.size());
  std::merge(late.begin(), late.end(), samples.begin(), samples.end(), all.begin(), earlier);
  for (const Sample& sample : all) Append(sample.time, sample.value);
}

size_t MinMaxSeries::CountUntil(Nanos t, size_t from) const {
  size_t step = 1;
  size_t low = from;
  while (low + step <= times_.size() && times_[low + step - 1] <= t) {
    low += step;
    step *= 2;
  }
  const auto first = times_.begin() + static_cast<std::ptrdiff_t>(low);
  const auto last =
      times_.begin() + static_cast<std::ptrdiff_t>(std::min(low + step, times_.size()));
  return static_cast<size_t>(std::upper_bound(first, last, t) - times_.begin());
}

MinMax MinMaxSeries::OverSamples(size_t begin, size_t end, MinMax seed) const {
  // Climb while both edges allow it, taking the ragged ends of each level on the way.
  size_t level = 0;
  while (begin < end) {
    const auto take = [&](size_t i) {
      if (level == 0) {
        Include(values_[i], &seed);
      } else {
        Include(levels_[level - 1][i].min, &seed);
        Include(levels_[level - 1][i].max, &seed);
      }
    };
    if (level == levels_.size()) {
      for (size_t i = begin; i < end; ++i) take(i);
      break;
    }
    while (begin < end && begin % kFan != 0) take(begin++);
    while (begin < end && end % kFan != 0) take(--end);
    begin /= kFan;
    end /= kFan;
    ++level;
  }
  return seed;
}

uint32_t MinMaxSeries::At(Nanos t) const {
  const size_t count = CountUntil(t, 0);
  return count == 0 ? 0 : values_[count - 1];
}

MinMax MinMaxSeries::Over(TimeRange range) const {
  std::vector<MinMax> one;
  Columns(range, 1, &one);
  return one.front();
}

void MinMaxSeries::Columns(TimeRange view, int columns, std::vector<MinMax>* out) const {
  size_t at = CountUntil(view.begin, 0);
  for (int c = 0; c < columns; ++c) {
    const uint32_t carried = at == 0 ? 0 : values_[at - 1];
    // Half-open: a sample exactly at the right edge belongs to the next column.
    const size_t next = CountUntil(view.Edge(c + 1, columns) - 1, at);
    out->push_back(OverSamples(at, next, {carried, carried}));
    at = next;
  }
}

}  // namespace tally::viz
