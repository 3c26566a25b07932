// What is on the screen, by name: for tests, for --dump-state and for scripts.
//
// Conflict: a test should see what a person sees, but pixels do not name themselves, and numbers
// computed a second time prove nothing about the first. So the same calls that draw a value, a
// button or a cell also write it here, with its place. "topbar/steals" is the number that was
// drawn.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tally::viz {

// Whole pixels, from the window's top left.
struct Rect {
  int x = 0, y = 0, w = 0, h = 0;
  int right() const { return x + w; }
  int bottom() const { return y + h; }
  bool Contains(float px, float py) const {
    return px >= static_cast<float>(x) && py >= static_cast<float>(y) &&
           px < static_cast<float>(right()) && py < static_cast<float>(bottom());
  }
};

class Shown {
 public:
  using Value = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string>;
  struct Item {
    Rect rect;
    Value value;
  };
  // A piece of text as drawn, to check that none lies over another or is cut off.
  struct Text {
    Rect rect;
    std::string text;
  };

  void Clear();
  void Put(std::string_view path, Rect rect, Value value = {});
  void PutText(Rect rect, std::string_view text) { texts_.push_back({rect, std::string(text)}); }

  // Null if nothing of that name is on the screen.
  const Item* Find(std::string_view path) const;
  const std::map<std::string, Item, std::less<>>& items() const { return items_; }
  const std::vector<Text>& texts() const { return texts_; }

 private:
  std::map<std::string, Item, std::less<>> items_;
  std::vector<Text> texts_;
};

}  // namespace tally::viz
