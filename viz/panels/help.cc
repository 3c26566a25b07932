#include "viz/panels/help.h"

#include <algorithm>
#include <string>

#include "viz/panels/keys.h"

namespace tally::viz {
namespace {

void Line(Ui& ui, Rect line, const char* key, const char* what) {
  const Theme& theme = ui.theme();
  const int cap = ui.WidthOf(theme.fonts.small, key) + ui.Px(12);
  const Rect box{line.x + ui.Px(104) - cap, line.y + ui.Px(1), cap, line.h - ui.Px(4)};
  ui.Fill(box, theme.button_hot, static_cast<float>(ui.Px(4)));
  ui.Text(box, theme.fonts.small, theme.text, key, Align::kCentre);
  ImFont* font = Ui::HeightOf(theme.fonts.body) <= line.h ? theme.fonts.body : theme.fonts.small;
  ui.Text({line.x + ui.Px(116), line.y, line.w - ui.Px(116), line.h - ui.Px(2)}, font,
          theme.text_dim, what);
}

}  // namespace

void DrawHelp(Ui& ui, Rect window) {
  const Theme& theme = ui.theme();
  ui.Fill(window, IM_COL32(8, 10, 14, 190));
  // As large as it likes, or as small as the window is.
  const int rows = static_cast<int>(std::max(Bindings().size(), MouseBindings().size()));
  const int pad = ui.Px(24);
  const int line = std::min(ui.Px(24), (window.h - ui.Px(74)) / rows);
  const int column = std::min(ui.Px(400), (window.w - 2 * pad) / 2);
  const Rect card{window.x + (window.w - 2 * column - 2 * pad) / 2,
                  window.y + (window.h - rows * line - ui.Px(74)) / 2, 2 * column + 2 * pad,
                  rows * line + ui.Px(74)};
  ui.Fill(card, theme.panel, static_cast<float>(ui.Px(8)));
  ui.Frame(card, theme.panel_edge, static_cast<float>(ui.Px(8)));
  ui.shown().Put("help", card, true);
  const int top = card.y + ui.Px(52);
  ui.Text({card.x + pad, card.y + ui.Px(16), column, ui.Px(26)}, theme.fonts.large, theme.text,
          "Keys");
  ui.Text({card.x + pad + column, card.y + ui.Px(16), column, ui.Px(26)}, theme.fonts.large,
          theme.text, "Mouse");
  int y = top;
  for (const Binding& binding : Bindings()) {
    Line(ui, {card.x + pad, y, column - pad, line}, binding.name, binding.what);
    ui.shown().Put(std::string("help/") + binding.name, {card.x + pad, y, column, line},
                   std::string(binding.what));
    y += line;
  }
  y = top;
  for (const MouseHelp& help : MouseBindings()) {
    Line(ui, {card.x + pad + column, y, column, line}, help.name, help.what);
    y += line;
  }
}

}  // namespace tally::viz
