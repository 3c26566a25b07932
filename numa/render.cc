#include "numa/render.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "numa/effective_cpus.h"
#include "numa/ids.h"
#include "numa/kernel_grants.h"
#include "numa/machine_tree.h"
#include "numa/text_boxes.h"
#include "numa/topology_spec.h"

namespace tally {
namespace {

constexpr int kNarrowest = 40;
constexpr size_t kScreen = 40;  // lines: a taller picture is drawn with equal boxes factorised

// "[0 4] [1 5] … [31 63] · 32 cores" when all of them would take more than two lines.
TextBlock DrawCores(const std::vector<std::string>& cores, int width, bool factorise) {
  TextBlock all = FillWords(cores, width);
  if (!factorise || all.lines.size() <= 2) return all;
  return FillWords(
      {cores[0], cores[1], "…", cores.back(), "·", absl::StrCat(cores.size()), "cores"}, width);
}

std::string Title(const MachineBox& box, size_t count) {
  if (count == 1) {
    return absl::StrCat(box.kind, box.id < 0 ? "" : absl::StrCat(" ", box.id), box.facts);
  }
  return absl::StrCat(count, " × ", box.kind, " ", box.id, count == 2 ? " and " : " to ",
                      box.id + count - 1, ", each like ", box.id, box.facts);
}

// How many boxes from `first` on are equal but for consecutive numbers.
size_t EqualRun(const std::vector<MachineBox>& boxes, size_t first) {
  size_t end = first + 1;
  while (end < boxes.size() && boxes[end].shape == boxes[first].shape &&
         boxes[end].kind == boxes[first].kind && boxes[end].id == boxes[end - 1].id + 1) {
    ++end;
  }
  return end - first;
}

// Boxes of equal things are equally wide, though their numbers are not.
std::vector<TextBlock> DrawBoxes(const std::vector<MachineBox>& boxes, int width, bool factorise);

TextBlock DrawInside(const MachineBox& box, int width, bool factorise) {
  std::vector<TextBlock> blocks = DrawBoxes(box.inside, width, factorise);
  if (!box.cores.empty()) blocks.push_back(DrawCores(box.cores, width, factorise));
  return Flow(blocks, width);
}

std::vector<TextBlock> DrawBoxes(const std::vector<MachineBox>& boxes, int width, bool factorise) {
  struct Drawn {
    std::string title;
    TextBlock content;
    const std::string* shape;
  };
  std::vector<Drawn> drawn;
  std::map<std::string, int> widest;  // by shape
  for (size_t i = 0; i < boxes.size();) {
    const size_t run = factorise ? EqualRun(boxes, i) : 1;
    Drawn box = {Title(boxes[i], run), DrawInside(boxes[i], width - kBoxBorder, factorise),
                 &boxes[i].shape};
    int& most = widest[*box.shape];
    most = std::max(most, Box(box.title, box.content, 0, width).width);
    drawn.push_back(std::move(box));
    i += run;
  }
  std::vector<TextBlock> blocks;
  for (const Drawn& box : drawn) {
    blocks.push_back(Box(box.title, box.content, widest[*box.shape], width));
  }
  return blocks;
}

TextBlock DrawMachine(const Topology& topology, int width) {
  const MachineBox machine = MachineTree(topology);
  TextBlock whole = DrawInside(machine, width, /*factorise=*/false);
  return whole.lines.size() <= kScreen ? whole : DrawInside(machine, width, /*factorise=*/true);
}

std::string RightAligned(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

// Rows: from; columns: to.
TextBlock DrawDistances(const Topology& topology, int width) {
  const int nodes = static_cast<int>(topology.nodes().size());
  TextBlock block;
  size_t cell = 0;
  for (int i = 0; i < nodes; ++i) {
    for (int j = 0; j < nodes; ++j) {
      cell = std::max(cell, absl::StrCat(topology.NodeDistance(NodeId(i), NodeId(j))).size());
    }
  }
  cell = std::max(cell, absl::StrCat(nodes - 1).size()) + 2;
  const std::string head = "from\\to";
  if (head.size() + cell * nodes > static_cast<size_t>(width)) {
    block.lines.push_back(absl::StrCat(nodes, " x ", nodes, ", too wide for here: see the JSON"));
    return block;
  }
  std::string line = head;
  for (int to = 0; to < nodes; ++to) line += RightAligned(absl::StrCat(to), cell);
  block.lines.push_back(line);
  for (int from = 0; from < nodes; ++from) {
    line = RightAligned(absl::StrCat(from), head.size());
    for (int to = 0; to < nodes; ++to) {
      line += RightAligned(absl::StrCat(topology.NodeDistance(NodeId(from), NodeId(to))), cell);
    }
    block.lines.push_back(line);
  }
  return block;
}

std::string MemoryInAll(const Topology& topology) {
  uint64_t bytes = 0;
  for (const Node& node : topology.nodes()) bytes += node.memory_bytes;
  return bytes == 0 ? "" : absl::StrCat(", ", BytesText(bytes));
}

// Explains only what is there.
std::string Legend(const Topology& topology) {
  const auto any = [&](auto holds) {
    return std::any_of(topology.pus().begin(), topology.pus().end(), holds);
  };
  const bool siblings = static_cast<int>(topology.pus().size()) > topology.cores();
  std::string text = topology.cores() == 0 ? "[0] is a PU, by the kernel's number"
                     : siblings            ? "[0 1] is a core with its PUs, by the kernel's numbers"
                                           : "[0] is a core, by the kernel's number of its PU";
  if (any([](const Pu& pu) { return pu.core_class == CoreClass::kEfficient; })) {
    text += "; e[ ] an efficient one";
  }
  if (any([](const Pu& pu) { return pu.core_class == CoreClass::kLowPower; })) {
    text += "; l[ ] a low-power one";
  }
  if (any([](const Pu& pu) { return !pu.allowed; })) text += "; (0) may not be used";
  return text + ".";
}

class Page {
 public:
  explicit Page(int width) : width_(width) {}

  void Add(const TextBlock& block) {
    for (const std::string& line : block.lines) absl::StrAppend(&text_, line, "\n");
  }
  void Text(const std::string& text) { Add(FillWords(absl::StrSplit(text, ' '), width_)); }
  void Item(const std::string& text) {
    TextBlock block = FillWords(absl::StrSplit(text, ' '), width_ - 2);
    for (size_t i = 0; i < block.lines.size(); ++i) {
      absl::StrAppend(&text_, i == 0 ? "- " : "  ", block.lines[i], "\n");
    }
  }
  void Gap() { text_ += "\n"; }
  std::string Finish() { return std::move(text_); }

 private:
  const int width_;
  std::string text_;
};

}  // namespace

std::string RenderTopology(const Topology& topology, int terminal_width) {
  const int width = std::max(kNarrowest, terminal_width);
  Page page(width);
  page.Text(absl::StrCat(topology.is_this_machine() ? "This machine" : QuoteSpec(topology.spec()),
                         ": ", topology.Summary(), MemoryInAll(topology)));
  page.Gap();
  page.Add(DrawMachine(topology, width));
  page.Text(Legend(topology));
  if (topology.nodes().size() > 1 && topology.has_distances()) {
    page.Gap();
    page.Text("Distances between nodes (10 is local):");
    page.Add(DrawDistances(topology, width));
  }
  const WorkerCount count = DefaultWorkers(topology, ReadEffectiveCpus(topology), {});
  page.Gap();
  page.Text(absl::StrCat("Workers by default: ", count.workers, ", ", count.why, "."));
  for (const std::string& sentence : TryKernelGrants(topology).sentences) page.Text(sentence);
  if (!topology.degraded().empty()) {
    page.Gap();
    page.Text("Good to know:");
    for (const std::string& note : topology.degraded()) page.Item(note);
  }
  return page.Finish();
}

}  // namespace tally
