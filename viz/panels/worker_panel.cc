#include "viz/panels/worker_panel.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "viz/model/format.h"

namespace tally::viz {
namespace {

struct Column {
  const char* path;
  const char* title;
  float width;  // share of the panel
  double (*key)(const WorkerRow&);
};

constexpr Column kColumns[] = {
    {"worker", "worker", 0.11f, [](const WorkerRow& r) { return double(r.worker.value()); }},
    {"node", "node", 0.09f, [](const WorkerRow& r) { return double(r.node.value()); }},
    {"executed", "executed", 0.17f,
     [](const WorkerRow& r) { return double(Of(r.counts, Counted::kEnded)); }},
    {"stolen", "stolen", 0.14f,
     [](const WorkerRow& r) { return double(Of(r.counts, Counted::kStolen)); }},
    {"parks", "parks", 0.12f,
     [](const WorkerRow& r) { return double(Of(r.counts, Counted::kParked)); }},
    {"depth", "depth", 0.11f, [](const WorkerRow& r) { return double(r.depth_max); }},
    {"busy", "busy", 0.26f, [](const WorkerRow& r) { return r.busy_share(); }},
};
constexpr int kBusy = 6;

std::string Name(const WorkerRow& row) {
  return row.spare >= 0 ? absl::StrCat("spare ", row.spare) : absl::StrCat(row.worker.value());
}

// The bar tells own from stolen work; its end is the share that the number says.
void DrawBusy(Ui& ui, Rect cell, const WorkerRow& row) {
  const Theme& theme = ui.theme();
  const int number = ui.Px(36);
  const Rect bar{cell.x + ui.Px(14), cell.y + cell.h / 2 - ui.Px(3), cell.w - ui.Px(14) - number,
                 ui.Px(6)};
  ui.Fill(bar, theme.well);
  const auto width = [&](WorkerState state) {
    return row.of == 0 ? 0
                       : static_cast<int>(row.times[static_cast<size_t>(state)] * bar.w / row.of);
  };
  const int own = width(WorkerState::kRunOwn);
  const int stolen = width(WorkerState::kRunStolen);
  if (own > 0) ui.Fill({bar.x, bar.y, own, bar.h}, theme.State(WorkerState::kRunOwn));
  if (stolen > 0) {
    ui.Fill({bar.x + own, bar.y, stolen, bar.h}, theme.State(WorkerState::kRunStolen));
  }
  ui.Text({bar.right(), cell.y, number, cell.h}, theme.fonts.small, theme.text,
          FormatPercent(row.busy_share()), Align::kRight);
}

}  // namespace

void WorkerPanel::Draw(Ui& ui, const Figures& figures, Rect box) {
  const Theme& theme = ui.theme();
  std::vector<WorkerRow> rows = figures.workers();
  if (sorted_by_ != 0 || descending_) {
    const auto key = kColumns[sorted_by_].key;
    std::stable_sort(rows.begin(), rows.end(), [&](const WorkerRow& a, const WorkerRow& b) {
      return descending_ ? key(a) > key(b) : key(a) < key(b);
    });
  }
  const Rect inner = ui.Card(box, "Workers", "own and stolen work as share of the time");
  const int room = rows.empty() ? 0 : (inner.h - ui.Px(18)) / static_cast<int>(rows.size());
  const int line = std::clamp(room, ui.Px(18), ui.Px(24));
  const int head = ui.Px(18);
  const int visible = std::max(0, (inner.h - head) / line);
  const int most = std::max(0, static_cast<int>(rows.size()) - visible);
  const Touched touched = ui.Area("workers", {inner.x, inner.y + head, inner.w, inner.h - head});
  if (touched.hovered && ImGui::GetIO().MouseWheel != 0) {
    scroll_ -= static_cast<int>(ImGui::GetIO().MouseWheel * 3);
  }
  scroll_ = std::clamp(scroll_, 0, most);

  const int width = inner.w - (most > 0 ? ui.Px(8) : 0);
  int x[std::size(kColumns) + 1] = {inner.x};
  float sum = 0;
  for (size_t c = 0; c < std::size(kColumns); ++c) {
    sum += kColumns[c].width;
    x[c + 1] = inner.x + static_cast<int>(sum * static_cast<float>(width));
  }
  for (size_t c = 0; c < std::size(kColumns); ++c) {
    const Rect cell{x[c], inner.y, x[c + 1] - x[c], head};
    const bool sorted = sorted_by_ == static_cast<int>(c);
    if (ui.Area(absl::StrCat("workers/sort/", kColumns[c].path), cell).clicked) {
      descending_ = sorted ? !descending_ : c != 0;
      sorted_by_ = static_cast<int>(c);
    }
    ui.Text(cell, theme.fonts.small, sorted && descending_ ? theme.accent : theme.text_faint,
            kColumns[c].title, Align::kRight);
  }
  ui.Fill({inner.x, inner.y + head - 1, width, 1}, theme.panel_edge);

  const int last = std::min(static_cast<int>(rows.size()), scroll_ + visible);
  for (int i = scroll_; i < last; ++i) {
    const WorkerRow& row = rows[static_cast<size_t>(i)];
    const int y = inner.y + head + (i - scroll_) * line;
    for (int c = 0; c < kBusy; ++c) {
      const Rect cell{x[c], y, x[c + 1] - x[c], line};
      const auto value = static_cast<uint64_t>(kColumns[c].key(row));
      ui.Text(cell, theme.fonts.small, c < 2 ? theme.text_dim : theme.text,
              c == 0 ? Name(row) : FormatCount(value), Align::kRight);
      if (c >= 2) {
        ui.shown().Put(absl::StrCat("workers/", row.worker.value(), "/", kColumns[c].path), cell,
                       value);
      }
    }
    const Rect cell{x[kBusy], y, x[kBusy + 1] - x[kBusy], line};
    DrawBusy(ui, cell, row);
    ui.shown().Put(absl::StrCat("workers/", row.worker.value(), "/busy"), cell, row.busy_share());
  }
  if (most > 0) {
    const int track = visible * line;
    const int bar = std::max(ui.Px(14), track * visible / static_cast<int>(rows.size()));
    ui.Fill(
        {inner.right() - ui.Px(3), inner.y + head + (track - bar) * scroll_ / most, ui.Px(3), bar},
        theme.text_faint, 1);
  }
}

}  // namespace tally::viz
