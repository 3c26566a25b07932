// Boxes drawn with text: blocks of lines that can be put beside and into each other. Widths count
// characters, not bytes; every character that is drawn here is one column wide.
#pragma once

#include <string>
#include <vector>

namespace tally {

struct TextBlock {
  std::vector<std::string> lines;  // each `width` wide
  int width = 0;
};

// The number of characters in UTF-8 text.
int TextWidth(const std::string& text);

// `text` in at most `width` columns, with "…" at the end if something is left out.
std::string Shorten(const std::string& text, int width);

// Words filled into lines of at most `width`; one that is wider is shortened.
TextBlock FillWords(const std::vector<std::string>& words, int width);

// Blocks side by side, and in as many rows as they need at `width`.
TextBlock Flow(const std::vector<TextBlock>& blocks, int width);

// What a box adds to the width of its content: two borders and two spaces.
inline constexpr int kBoxBorder = 4;

// A frame with its title in the upper edge, at least `least` wide and at most `width` if the
// content fits that.
TextBlock Box(const std::string& title, const TextBlock& content, int least, int width);

}  // namespace tally
