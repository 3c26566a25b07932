#include "benchmarks/plots/letters.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#include "stb/stb_truetype.h"
#pragma GCC diagnostic pop

namespace tally::benchmarks {
namespace {

constexpr const char* kRegular[] = {
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
constexpr const char* kStrong[] = {
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"};

// The code points of UTF-8 text; what is no UTF-8 is taken byte by byte.
std::vector<int> CodePoints(std::string_view text) {
  std::vector<int> points;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    int point = length == 1 ? first : first & (0x7f >> length);
    for (size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    }
    points.push_back(point);
    i += length;
  }
  return points;
}

}  // namespace

struct Letters::Font {
  std::string bytes;
  stbtt_fontinfo info;

  float Scale(double size) const {
    return stbtt_ScaleForPixelHeight(&info, static_cast<float>(size));
  }
  // Calls `letter(point, x)`, and returns where the next one would be.
  template <class Letter>
  double Walk(std::string_view text, double size, double x, const Letter& letter) const {
    const double scale = Scale(size);
    int last = 0;
    for (const int point : CodePoints(text)) {
      if (last != 0) x += scale * stbtt_GetCodepointKernAdvance(&info, last, point);
      letter(point, x);
      int advance = 0, bearing = 0;
      stbtt_GetCodepointHMetrics(&info, point, &advance, &bearing);
      x += scale * advance;
      last = point;
    }
    return x;
  }
};

Letters::Letters(Weight weight) {
  for (const char* path : weight == Weight::kStrong ? kStrong : kRegular) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    auto font = std::make_unique<Font>();
    font->bytes.assign(std::istreambuf_iterator<char>(file), {});
    const auto* bytes = reinterpret_cast<const unsigned char*>(font->bytes.data());
    if (stbtt_InitFont(&font->info, bytes, 0) == 0) continue;
    font_ = std::move(font);
    return;
  }
}

Letters::~Letters() = default;

const Letters& Letters::Of(Weight weight) {
  static const Letters regular(Weight::kRegular), strong(Weight::kStrong);
  return weight == Weight::kStrong ? strong : regular;
}

double Letters::Width(std::string_view text, double size) const {
  if (font_ == nullptr) return 0;
  return font_->Walk(text, size, 0, [](int, double) {});
}

void Letters::Draw(std::string_view text, double size, double x, double baseline,
                   const std::function<void(int, int, int)>& ink) const {
  if (font_ == nullptr) return;
  const float scale = font_->Scale(size);
  font_->Walk(text, size, x, [&](int point, double at) {
    int width = 0, height = 0, left = 0, top = 0;
    const auto shift = static_cast<float>(at - std::floor(at));
    unsigned char* const coverage = stbtt_GetCodepointBitmapSubpixel(
        &font_->info, scale, scale, shift, 0, point, &width, &height, &left, &top);
    if (coverage == nullptr) return;
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        const int covered = coverage[row * width + column];
        if (covered == 0) continue;
        ink(static_cast<int>(std::floor(at)) + left + column,
            static_cast<int>(std::lround(baseline)) + top + row, covered);
      }
    }
    stbtt_FreeBitmap(coverage, nullptr);
  });
}

}  // namespace tally::benchmarks
