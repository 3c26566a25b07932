#include "numa/text_boxes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tally {
namespace {

constexpr int kGap = 1;  // between blocks side by side

std::string Spaces(int count) { return std::string(std::max(0, count), ' '); }

std::string Padded(const std::string& line, int width) {
  return line + Spaces(width - TextWidth(line));
}

std::string Edge(int length) {
  std::string edge;
  for (int i = 0; i < length; ++i) edge += "─";
  return edge;
}

bool StartsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

void PutBelow(TextBlock& block, const TextBlock& below) {
  block.lines.insert(block.lines.end(), below.lines.begin(), below.lines.end());
  block.width = std::max(block.width, below.width);
}

TextBlock Beside(const std::vector<TextBlock>& row) {
  TextBlock result;
  size_t height = 0;
  for (const TextBlock& block : row) height = std::max(height, block.lines.size());
  result.lines.resize(height);
  for (const TextBlock& block : row) {
    const std::string gap = Spaces(result.width == 0 ? 0 : kGap);
    for (size_t i = 0; i < height; ++i) {
      const std::string line = i < block.lines.size() ? block.lines[i] : "";
      absl::StrAppend(&result.lines[i], gap, Padded(line, block.width));
    }
    result.width += static_cast<int>(gap.size()) + block.width;
  }
  return result;
}

}  // namespace

int TextWidth(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

std::string Shorten(const std::string& text, int width) {
  if (TextWidth(text) <= width) return text;
  std::string shortened;
  int left = std::max(1, width);  // of which the last is for the ellipsis
  for (char byte : text) {
    if (StartsCharacter(byte) && --left == 0) break;
    shortened += byte;
  }
  return shortened + "…";
}

TextBlock FillWords(const std::vector<std::string>& words, int width) {
  TextBlock block;
  for (const std::string& word : words) {
    const std::string fitting = Shorten(word, width);
    if (!block.lines.empty() && TextWidth(block.lines.back()) + 1 + TextWidth(fitting) <= width) {
      absl::StrAppend(&block.lines.back(), " ", fitting);
    } else {
      block.lines.push_back(fitting);
    }
  }
  for (const std::string& line : block.lines) block.width = std::max(block.width, TextWidth(line));
  return block;
}

TextBlock Flow(const std::vector<TextBlock>& blocks, int width) {
  TextBlock result;
  std::vector<TextBlock> row;
  int used = 0;
  for (const TextBlock& block : blocks) {
    if (!row.empty() && used + kGap + block.width > width) {
      PutBelow(result, Beside(row));
      row.clear();
      used = 0;
    }
    used += (row.empty() ? 0 : kGap) + block.width;
    row.push_back(block);
  }
  if (!row.empty()) PutBelow(result, Beside(row));
  return result;
}

TextBlock Box(const std::string& title, const TextBlock& content, int least, int width) {
  const std::string shown = Shorten(title, std::max(content.width, width - kBoxBorder));
  const int inside = std::max({content.width, TextWidth(shown), least - kBoxBorder});
  TextBlock box;
  box.width = inside + kBoxBorder;
  box.lines.push_back(absl::StrCat("┌ ", shown, " ", Edge(inside - TextWidth(shown)), "┐"));
  for (const std::string& line : content.lines) {
    box.lines.push_back(absl::StrCat("│ ", Padded(line, inside), " │"));
  }
  box.lines.push_back(absl::StrCat("└", Edge(inside + 2), "┘"));
  return box;
}

}  // namespace tally
