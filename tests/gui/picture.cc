#include "tests/gui/picture.h"

#include <png.h>

#include <cstring>

namespace tally {

std::set<uint32_t> Picture::Colours(double left, double top, double right, double bottom) const {
  std::set<uint32_t> colours;
  for (int y = static_cast<int>(top * height); y < static_cast<int>(bottom * height); ++y) {
    for (int x = static_cast<int>(left * width); x < static_cast<int>(right * width); ++x) {
      colours.insert(at(x, y));
    }
  }
  return colours;
}

Picture ReadPng(const std::string& path) {
  Picture picture;
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, path.c_str()) == 0) return picture;
  image.format = PNG_FORMAT_RGBA;
  std::vector<uint32_t> pixels(static_cast<size_t>(image.width) * image.height);
  if (png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) == 0) return picture;
  for (uint32_t& pixel : pixels) pixel &= 0xffffff;
  picture.width = static_cast<int>(image.width);
  picture.height = static_cast<int>(image.height);
  picture.pixels = std::move(pixels);
  return picture;
}

}  // namespace tally
