#include <sys/stat.h>

#include <cmath>
#include <cstddef>

#include "imgui_freetype.h"
#include "viz/panels/theme.h"

namespace tally::viz {
namespace {

struct Family {
  const char* regular;
  const char* strong;
  float size;  // relative: families differ in how large they look
};

constexpr Family kFamilies[] = {
    {"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
     "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf", 1.0f},
    {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", 0.9f},
};

bool Exists(const char* path) {
  struct stat info;
  return stat(path, &info) == 0;
}

// Latin, and the few signs that texts use: dashes, quotes, the ellipsis, the dot and the cross.
constexpr ImWchar kGlyphs[] = {0x20, 0xff, 0x2013, 0x2014, 0x201c, 0x201d, 0x2026, 0x2026, 0};

}  // namespace

void LoadFonts(ImFontAtlas* atlas, Theme* theme) {
  atlas->Clear();
  // FreeType's light hinting keeps stems on the pixel grid without changing widths.
  atlas->FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas->FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  const float scale = theme->scale();
  for (const Family& family : kFamilies) {
    if (!Exists(family.regular) || !Exists(family.strong)) continue;
    const auto add = [&](const char* path, float size) {
      return atlas->AddFontFromFileTTF(path, std::round(size * family.size * scale), nullptr,
                                       kGlyphs);
    };
    theme->fonts = {.small = add(family.regular, 12),
                    .body = add(family.regular, 14),
                    .strong = add(family.strong, 14),
                    .large = add(family.strong, 19)};
    return;
  }
  ImFontConfig config;
  config.SizePixels = std::round(13 * scale);
  ImFont* only = atlas->AddFontDefault(&config);
  theme->fonts = {.small = only, .body = only, .strong = only, .large = only};
}

}  // namespace tally::viz
