#include "viz/panels/shown.h"

#include <utility>

namespace tally::viz {

void Shown::Clear() {
  items_.clear();
  texts_.clear();
}

void Shown::Put(std::string_view path, Rect rect, Value value) {
  items_.insert_or_assign(std::string(path), Item{rect, std::move(value)});
}

const Shown::Item* Shown::Find(std::string_view path) const {
  const auto found = items_.find(path);
  return found == items_.end() ? nullptr : &found->second;
}

}  // namespace tally::viz
