// The few things that every panel draws, drawn alike: text, numbers, buttons, cards, tooltips.
//
// Whatever is drawn through it is also written to Shown. Panels place everything themselves in
// whole pixels; ImGui provides the draw list, the fonts and the mouse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "imgui.h"
#include "viz/model/command.h"
#include "viz/model/tip.h"
#include "viz/panels/pixel_image.h"
#include "viz/panels/shown.h"
#include "viz/panels/theme.h"

namespace tally::viz {

enum class Align { kLeft, kCentre, kRight };

// What the mouse did to an area in this frame.
struct Touched {
  bool hovered = false;
  bool clicked = false;  // left button released inside after being pressed inside
  bool double_clicked = false;
  bool pressed = false;  // left button went down inside
  bool held = false;     // left or right button is down since it went down inside
  bool right = false;    // the held button is the right or the middle one
};

class Ui {
 public:
  // One per frame.
  Ui(const Theme& theme, Shown* shown, Images* images, std::vector<Command>* commands);

  const Theme& theme() const { return theme_; }
  int Px(float distance) const { return theme_.Px(distance); }
  Shown& shown() { return *shown_; }
  ImDrawList* list() { return list_; }
  ImVec2 mouse() const { return ImGui::GetIO().MousePos; }
  void Ask(const Command& command) { commands_->push_back(command); }

  // Draws `text` in one line inside the box, centred vertically; too long, it ends in an ellipsis.
  // Returns the width used.
  int Text(Rect box, ImFont* font, Colour colour, std::string_view text,
           Align align = Align::kLeft);
  int WidthOf(ImFont* font, std::string_view text) const;
  static int HeightOf(ImFont* font) { return static_cast<int>(font->FontSize); }

  void Fill(Rect box, Colour colour, float rounding = 0);
  void Frame(Rect box, Colour colour, float rounding = 0);
  // A card with a title; returns what is left inside.
  Rect Card(Rect box, std::string_view title, std::string_view subtitle);
  void Picture(int slot, const PixelImage& image, Rect box);
  // A colour sample with the state's pattern.
  void Swatch(Rect box, WorkerState state);

  Touched Area(std::string_view path, Rect box);
  // A push button with a text. True if it was pushed.
  bool Button(std::string_view path, Rect box, std::string_view text, bool on = false,
              bool enabled = true);
  // The same without text, for icons drawn over it.
  bool BareButton(std::string_view path, Rect box, bool on = false, bool enabled = true);

  void ShowTip(const Tip& tip);

 private:
  const Theme& theme_;
  Shown* shown_;
  Images* images_;
  std::vector<Command>* commands_;
  ImDrawList* list_;
};

inline ImVec2 Vec(int x, int y) { return {static_cast<float>(x), static_cast<float>(y)}; }

}  // namespace tally::viz
