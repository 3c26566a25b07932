#include "viz/app/png.h"

#include <png.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace tally::viz {

absl::Status WritePng(const std::string& path, const Rgba& picture) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  // What shows is opaque; drawing leaves other values behind in the alpha channel.
  std::vector<uint8_t> rgb;
  rgb.reserve(picture.bytes.size() / 4 * 3);
  for (size_t i = 0; i < picture.bytes.size(); i += 4) {
    rgb.insert(rgb.end(), {picture.bytes[i], picture.bytes[i + 1], picture.bytes[i + 2]});
  }
  image.format = PNG_FORMAT_RGB;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  const bool written = png_image_write_to_stdio(&image, file, 0, rgb.data(), 0, nullptr) != 0;
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) return absl::DataLossError(absl::StrCat("cannot write all of ", path));
  return absl::OkStatus();
}

}  // namespace tally::viz
