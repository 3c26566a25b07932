#include "viz/panels/ui.h"

#include <algorithm>
#include <string>

namespace tally::viz {
namespace {

const char* End(std::string_view text) { return text.data() + text.size(); }

// Cuts whole UTF-8 characters off the end until the text and an ellipsis fit.
std::string Shortened(const Ui& ui, ImFont* font, std::string_view text, int width) {
  std::string shorter(text);
  while (!shorter.empty()) {
    while (!shorter.empty() && (static_cast<unsigned char>(shorter.back()) & 0xc0) == 0x80) {
      shorter.pop_back();
    }
    if (!shorter.empty()) shorter.pop_back();
    while (!shorter.empty() && shorter.back() == ' ') shorter.pop_back();
    const std::string candidate = shorter + "\xe2\x80\xa6";
    if (ui.WidthOf(font, candidate) <= width) return candidate;
  }
  return {};
}

}  // namespace

Ui::Ui(const Theme& theme, Shown* shown, Images* images, std::vector<Command>* commands)
    : theme_(theme),
      shown_(shown),
      images_(images),
      commands_(commands),
      list_(ImGui::GetWindowDrawList()) {}

int Ui::WidthOf(ImFont* font, std::string_view text) const {
  return static_cast<int>(font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data(), End(text)).x +
                          0.99f);
}

int Ui::Text(Rect box, ImFont* font, Colour colour, std::string_view text, Align align) {
  int width = WidthOf(font, text);
  std::string shorter;
  if (width > box.w) {
    shorter = Shortened(*this, font, text, box.w);
    text = shorter;
    width = WidthOf(font, text);
  }
  if (text.empty()) return 0;
  int x = box.x;
  if (align == Align::kCentre) x += (box.w - width) / 2;
  if (align == Align::kRight) x += box.w - width;
  const int y = box.y + (box.h - HeightOf(font)) / 2;
  list_->AddText(font, font->FontSize, Vec(x, y), colour, text.data(), End(text));
  // Ascenders and descenders do not fill the font's height.
  const int trim = HeightOf(font) / 6;
  shown_->PutText({x, y + trim, width, HeightOf(font) - 2 * trim}, text);
  return width;
}

void Ui::Fill(Rect box, Colour colour, float rounding) {
  list_->AddRectFilled(Vec(box.x, box.y), Vec(box.right(), box.bottom()), colour, rounding);
}

void Ui::Frame(Rect box, Colour colour, float rounding) {
  list_->AddRect(Vec(box.x, box.y), Vec(box.right(), box.bottom()), colour, rounding);
}

Rect Ui::Card(Rect box, std::string_view title, std::string_view subtitle) {
  const float rounding = static_cast<float>(Px(6));
  Fill(box, theme_.panel, rounding);
  Frame(box, theme_.panel_edge, rounding);
  const int pad = Px(10);
  const Rect line{box.x + pad, box.y + Px(6), box.w - 2 * pad, Px(20)};
  const int used = Text(line, theme_.fonts.strong, theme_.text, title);
  const int gap = Px(10);
  if (line.w - used - gap > Px(40)) {
    Text({line.x + used + gap, line.y + Px(1), line.w - used - gap, line.h}, theme_.fonts.small,
         theme_.text_dim, subtitle, Align::kRight);
  }
  return {box.x + pad, line.bottom() + Px(4), box.w - 2 * pad,
          box.bottom() - pad - line.bottom() - Px(4)};
}

void Ui::Picture(int slot, const PixelImage& image, Rect box) {
  list_->AddImage(images_->Put(slot, image), Vec(box.x, box.y), Vec(box.right(), box.bottom()));
}

void Ui::Swatch(Rect box, WorkerState state) {
  Fill(box, theme_.State(state), static_cast<float>(Px(2)));
  list_->PushClipRect(Vec(box.x, box.y), Vec(box.right(), box.bottom()), true);
  const Colour ink = IM_COL32(255, 255, 255, 110);
  const Colour dark = IM_COL32(0, 0, 0, 130);
  if (state == WorkerState::kRunStolen) {
    for (int x = box.x; x < box.right() + box.h; x += 5) {
      list_->AddLine(Vec(x, box.y), Vec(x - box.h, box.bottom()), ink);
    }
  } else if (state == WorkerState::kSearchRemote) {
    for (int x = box.x - box.h; x < box.right(); x += 4) {
      list_->AddLine(Vec(x, box.y), Vec(x + box.h, box.bottom()), dark);
    }
  } else if (state == WorkerState::kWaitParked) {
    for (int y = box.y + 1; y < box.bottom(); y += 3) Fill({box.x, y, box.w, 1}, dark);
  }
  list_->PopClipRect();
}

Touched Ui::Area(std::string_view path, Rect box) {
  Touched touched;
  shown_->Put(path, box);
  if (box.w <= 0 || box.h <= 0) return touched;
  ImGui::SetCursorScreenPos(Vec(box.x, box.y));
  const std::string id(path);
  touched.clicked =
      ImGui::InvisibleButton(id.c_str(), Vec(box.w, box.h),
                             ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                                 ImGuiButtonFlags_MouseButtonMiddle);
  touched.hovered = ImGui::IsItemHovered();
  touched.held = ImGui::IsItemActive();
  touched.right =
      ImGui::IsMouseDown(ImGuiMouseButton_Right) || ImGui::IsMouseDown(ImGuiMouseButton_Middle);
  touched.pressed = touched.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  touched.double_clicked = touched.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  return touched;
}

bool Ui::BareButton(std::string_view path, Rect box, bool on, bool enabled) {
  const float rounding = static_cast<float>(Px(4));
  if (!enabled) {
    Fill(box, theme_.button, rounding);
    shown_->Put(path, box, on);
    return false;
  }
  const Touched touched = Area(path, box);
  shown_->Put(path, box, on);
  const Colour colour = touched.held || on ? theme_.accent_soft
                        : touched.hovered  ? theme_.button_hot
                                           : theme_.button;
  Fill(box, colour, rounding);
  if (on) Frame(box, theme_.accent, rounding);
  return touched.clicked;
}

bool Ui::Button(std::string_view path, Rect box, std::string_view text, bool on, bool enabled) {
  const bool pushed = BareButton(path, box, on, enabled);
  Text(box, theme_.fonts.body,
       !enabled ? theme_.text_faint
       : on     ? theme_.accent
                : theme_.text,
       text, Align::kCentre);
  return pushed;
}

void Ui::ShowTip(const Tip& tip) {
  if (tip.empty()) return;
  // Measured and drawn by hand: ImGui's own tooltips have the size of the frame before.
  const Fonts& fonts = theme_.fonts;
  int labels = 0;
  int values = 0;
  for (const auto& [name, value] : tip.rows) {
    labels = std::max(labels, WidthOf(fonts.body, name));
    values = std::max(values, WidthOf(fonts.body, value));
  }
  const int gap = Px(18);
  const int inner = std::max({WidthOf(fonts.strong, tip.title), labels + gap + values,
                              tip.note.empty() ? 0 : WidthOf(fonts.small, tip.note)});
  const int line = HeightOf(fonts.body) + Px(3);
  const int title = HeightOf(fonts.strong) + Px(5);
  const int note = tip.note.empty() ? 0 : HeightOf(fonts.small) + Px(4);
  const int pad = Px(10);
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const int w = inner + 2 * pad;
  const int h = title + static_cast<int>(tip.rows.size()) * line + note + 2 * pad;
  // Beside the cursor, on whichever side there is room.
  int x = static_cast<int>(mouse().x) + Px(14);
  int y = static_cast<int>(mouse().y) + Px(12);
  if (x + w > static_cast<int>(screen.x)) x = static_cast<int>(mouse().x) - Px(8) - w;
  if (y + h > static_cast<int>(screen.y)) y = static_cast<int>(mouse().y) - Px(8) - h;
  x = std::max(0, x);
  y = std::max(0, y);

  ImDrawList* list = ImGui::GetForegroundDrawList();
  const float rounding = static_cast<float>(Px(6));
  list->AddRectFilled(Vec(x, y), Vec(x + w, y + h), IM_COL32(9, 11, 15, 246), rounding);
  list->AddRect(Vec(x, y), Vec(x + w, y + h), theme_.button_hot, rounding);
  const auto put = [&](ImFont* font, int left, int top, Colour colour, const std::string& text) {
    list->AddText(font, font->FontSize, Vec(left, top), colour, text.data(), End(text));
  };
  shown_->Put("tip/title", {x, y, w, h}, tip.title);
  put(fonts.strong, x + pad, y + pad, theme_.text, tip.title);
  int at = y + pad + title;
  for (const auto& [name, value] : tip.rows) {
    put(fonts.body, x + pad, at, theme_.text_dim, name);
    put(fonts.body, x + pad + labels + gap, at, theme_.text, value);
    shown_->Put("tip/" + name, {x, at, w, line}, value);
    at += line;
  }
  if (note != 0) put(fonts.small, x + pad, at + Px(2), theme_.text_faint, tip.note);
}

}  // namespace tally::viz
