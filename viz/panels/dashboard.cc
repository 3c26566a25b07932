#include "viz/panels/dashboard.h"

#include <algorithm>

#include "viz/panels/help.h"
#include "viz/panels/keys.h"
#include "viz/panels/legend.h"
#include "viz/panels/top_bar.h"
#include "viz/panels/transport.h"

namespace tally::viz {

void Dashboard::Keys(Ui& ui, const Session& session) {
  const ImGuiIO& io = ImGui::GetIO();
  const Nanos length = session.view().length();
  for (const Binding& binding : Bindings()) {
    const bool repeats = binding.verb != Verb::kHelp && binding.verb != Verb::kPlayPause;
    if (!ImGui::IsKeyPressed(binding.key, repeats) || binding.ctrl != io.KeyCtrl ||
        (binding.shift && !io.KeyShift)) {
      continue;
    }
    Command command{.verb = binding.verb, .factor = binding.factor};
    if (binding.verb == Verb::kPan) {
      command.time = static_cast<Nanos>(binding.factor * static_cast<double>(length));
    }
    if (binding.verb == Verb::kZoom) {
      // At the mouse if it is over a time panel, else in the middle.
      const Shown::Item* timeline = shown_.Find("timeline");
      double share = 0.5;
      if (timeline != nullptr && timeline->rect.w > 0 && ui.mouse().x >= timeline->rect.x &&
          ui.mouse().x < timeline->rect.right()) {
        share = (static_cast<double>(ui.mouse().x) - timeline->rect.x) / timeline->rect.w;
      }
      command.time = session.view().begin + static_cast<Nanos>(share * static_cast<double>(length));
    }
    if (binding.key == kKeyEscape && session.help_open()) command.verb = Verb::kHelp;
    ui.Ask(command);
  }
}

void Dashboard::Panels(Ui& ui, const Session& session, Rect body) {
  const int gap = ui.Px(8);
  const int right_w = std::clamp(body.w * 37 / 100, ui.Px(420), ui.Px(760));
  const int left_w = body.w - right_w - gap;
  const int timeline_h = body.h * 61 / 100;
  const Rect timeline{body.x, body.y, left_w, timeline_h};
  const Rect depth{body.x, timeline.bottom() + gap, left_w, body.h - timeline_h - gap};
  const Rect timeline_inner = ui.Card(timeline, "Workers over time", "");
  timeline_.Draw(ui, session, timeline_inner,
                 {timeline_inner.x + timeline_inner.w / 2, timeline.y + ui.Px(7),
                  timeline_inner.w / 2, ui.Px(20)});
  const Rect depth_inner = ui.Card(depth, "Queue depth", "");
  depth_.DrawScale(ui, session, {depth_inner.x, depth.y + ui.Px(6), depth_inner.w, ui.Px(20)});
  depth_.Draw(ui, session, depth_inner);

  const int x = body.x + left_w + gap;
  const int square_w = (right_w - gap) / 2;
  const int square_h = std::min(body.h / 2, square_w + ui.Px(46));
  steals_.Draw(ui, session, figures_, {x, body.y, square_w, square_h});
  DrawCrossNodePanel(ui, session, figures_,
                     {x + square_w + gap, body.y, right_w - square_w - gap, square_h});
  workers_.Draw(ui, figures_, {x, body.y + square_h + gap, right_w, body.h - square_h - gap});
}

void Dashboard::Frame(const Theme& theme, Session* session, Images* images) {
  const ImGuiIO& io = ImGui::GetIO();
  commands_.clear();
  figures_.Update(*session);
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(io.DisplaySize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, theme.window);
  ImGui::Begin("dashboard", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse);
  Ui ui(theme, &shown_, images, &commands_);
  Keys(ui, *session);
  shown_.Clear();

  const Rect window{0, 0, static_cast<int>(io.DisplaySize.x), static_cast<int>(io.DisplaySize.y)};
  const int pad = ui.Px(10);
  const int gap = ui.Px(8);
  const Rect page{pad, ui.Px(6), window.w - 2 * pad, window.h - ui.Px(6)};
  const Rect top{page.x, page.y, page.w, ui.Px(48)};
  const Rect transport{page.x, top.bottom() + ui.Px(2), page.w, ui.Px(26)};
  const Rect overview{page.x, transport.bottom() + gap, page.w, ui.Px(38)};
  const Rect legend{page.x, window.h - ui.Px(24), page.w, ui.Px(22)};
  DrawTopBar(ui, *session, figures_, top);
  DrawTransport(ui, *session, transport);
  overview_.Draw(ui, *session, overview);
  if (session->model().ready()) {
    const int body_top = overview.bottom() + gap;
    Panels(ui, *session, {page.x, body_top, page.w, legend.y - ui.Px(4) - body_top});
  }
  DrawLegend(ui, figures_, legend);
  if (session->help_open()) DrawHelp(ui, window);
  ImGui::End();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
  for (const Command& command : commands_) session->Do(command);
}

}  // namespace tally::viz
