#include "viz/model/count_index.h"

#include <algorithm>

#include "numa/check.h"

namespace tally::viz {

void CountIndex::Append(Nanos time, size_t category, uint64_t weight) {
  TALLY_CHECK(category < categories_, "the category must be one of those announced");
  if (weight != 0 && weights_.empty()) {
    weights_.assign(times_.size(), 0);
    leaf_weights_.assign(leaf_counts_.size(), 0);
  }
  const bool weighs = weight != 0 || !weights_.empty();
  if (times_.size() % leaf_ == 0) {
    const size_t at = leaf_counts_.size();
    leaf_counts_.resize(at + categories_);
    if (weighs) leaf_weights_.resize(at + categories_);
    if (at != 0) {
      std::copy_n(leaf_counts_.begin() + static_cast<std::ptrdiff_t>(at - categories_), categories_,
                  leaf_counts_.begin() + static_cast<std::ptrdiff_t>(at));
      for (size_t i = times_.size() - leaf_; i < times_.size(); ++i) ++leaf_counts_[at + what_[i]];
      if (weighs) {
        for (size_t c = 0; c < categories_; ++c) {
          leaf_weights_[at + c] = leaf_weights_[at - categories_ + c];
        }
        for (size_t i = times_.size() - leaf_; i < times_.size(); ++i) {
          leaf_weights_[at + what_[i]] += weights_[i];
        }
      }
    }
  }
  times_.push_back(time);
  what_.push_back(static_cast<uint16_t>(category));
  if (weighs) weights_.push_back(weight);
}

size_t CountIndex::FirstAt(Nanos t) const {
  return static_cast<size_t>(std::lower_bound(times_.begin(), times_.end(), t) - times_.begin());
}

void CountIndex::AddFirst(size_t events, uint64_t sign, uint64_t* counts, uint64_t* weights) const {
  if (events == 0) return;
  const bool weigh = weights != nullptr && !weights_.empty();
  const size_t leaf = std::min(events / leaf_, leaf_counts_.size() / categories_ - 1);
  for (size_t c = 0; c < categories_; ++c) {
    counts[c] += sign * leaf_counts_[leaf * categories_ + c];
    if (weigh) weights[c] += sign * leaf_weights_[leaf * categories_ + c];
  }
  for (size_t i = leaf * leaf_; i < events; ++i) {
    counts[what_[i]] += sign;
    if (weigh) weights[what_[i]] += sign * weights_[i];
  }
}

void CountIndex::AddTo(TimeRange range, uint64_t* counts, uint64_t* weights) const {
  AddFirst(FirstAt(range.end), 1, counts, weights);
  AddFirst(FirstAt(range.begin), ~uint64_t{0}, counts, weights);  // -1, modulo 2^64
}

}  // namespace tally::viz
