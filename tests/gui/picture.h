// A PNG file, read back.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace tally {

struct Picture {
  int width = 0;  // 0: it could not be read
  int height = 0;
  std::vector<uint32_t> pixels;  // 0xBBGGRR, row by row

  uint32_t at(int x, int y) const {
    return pixels[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
  // The different colours in a rectangle given as shares of the picture.
  std::set<uint32_t> Colours(double left, double top, double right, double bottom) const;
};

Picture ReadPng(const std::string& path);

}  // namespace tally
