#include "viz/model/tip.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "viz/model/format.h"

namespace tally::viz {
namespace {

// "Worker 3", "Spare 0"
std::string Name(const TraceModel& model, WorkerId worker) {
  std::string name = model.recording().header.NameOfLane(worker.index());
  name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

std::string WorkerTitle(const TraceModel& model, WorkerId worker) {
  const RecordingHeader::Worker& who = model.recording().header.workers[worker.index()];
  std::string title =
      absl::StrCat(Name(model, worker), " \xc2\xb7 node ", model.NodeOf(worker).value());
  if (who.os_cpu >= 0) absl::StrAppend(&title, " \xc2\xb7 CPU ", who.os_cpu);
  return title;
}

const char* PriorityName(Priority priority) {
  switch (priority) {
    case Priority::kCritical:
      return "critical";
    case Priority::kHigh:
      return "high";
    case Priority::kNormal:
      return "normal";
    case Priority::kLow:
      return "low";
  }
  return "";
}

std::string DepthText(MinMax depth) {
  return depth.min == depth.max
             ? FormatCount(depth.max)
             : absl::StrCat(FormatCount(depth.min), " to ", FormatCount(depth.max));
}

std::string TimeText(const TraceModel& model, TimeRange column) {
  return FormatTime(model.SinceBegin(column.begin), column.length(), model.extent().length());
}

void AddShares(const StateTimes& times, Nanos length, Tip* tip) {
  for (int s = 0; s < kWorkerStates; ++s) {
    const Nanos time = times[static_cast<size_t>(s)];
    if (time == 0) continue;
    tip->rows.emplace_back(std::string(WorkerStateName(static_cast<WorkerState>(s))),
                           FormatPercent(static_cast<double>(time) / static_cast<double>(length)));
  }
}

}  // namespace

Tip TimelineTip(const TraceModel& model, WorkerId worker, TimeRange column) {
  const WorkerTrack& track = model.worker(worker);
  Tip tip;
  tip.title = WorkerTitle(model, worker);
  tip.rows.emplace_back("time", TimeText(model, column));
  const TimeRange segment = track.states().SegmentAt(column.begin);
  if (segment.length() < column.length()) {
    const StateTimes times = track.states().Times(column);
    const bool away = times[static_cast<size_t>(WorkerState::kAbsent)] == column.length();
    if (away && model.IsSpare(worker)) {
      tip.rows.emplace_back("at rest", "until it is called in");
    } else {
      AddShares(times, column.length(), &tip);
    }
    if (!away) tip.note = "many changes in one pixel: zoom in to see each";
  } else {
    const WorkerState state = track.states().At(column.begin);
    tip.rows.emplace_back(std::string(WorkerStateName(state)), FormatDuration(segment.length()));
    if (const TaskSpan* span = track.spans().At(column.begin)) {
      const std::string_view name = model.TaskName(span->task);
      char id[24];
      std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(span->task));
      tip.rows.emplace_back("task", name.empty() ? std::string(id) : std::string(name));
      tip.rows.emplace_back("priority", PriorityName(span->priority));
      tip.rows.emplace_back("task lasted", span->end == TaskSpan::kOpen
                                               ? std::string("still running")
                                               : FormatDuration(span->end - span->begin));
      if (span->stolen) tip.rows.emplace_back("came by", "a steal");
    }
  }
  tip.rows.emplace_back("own queue", DepthText(track.depth().Over(column)));
  return tip;
}

Tip DepthTip(const TraceModel& model, WorkerId worker, NodeId node, TimeRange column) {
  Tip tip;
  tip.title =
      worker.valid() ? WorkerTitle(model, worker) : absl::StrCat("Injector of node ", node.value());
  const MinMaxSeries& series = worker.valid() ? model.worker(worker).depth() : model.Injector(node);
  tip.rows.emplace_back("time", TimeText(model, column));
  tip.rows.emplace_back("tasks queued", DepthText(series.Over(column)));
  return tip;
}

Tip BusyTip(const TraceModel& model, const Totals& totals) {
  Tip tip;
  tip.title = absl::StrCat("Busy ", FormatPercent(totals.busy_share), " of the workers' time");
  const Nanos each = totals.of / model.regular_workers();
  tip.rows.emplace_back("running tasks", FormatDuration(totals.busy));
  tip.rows.emplace_back("of",
                        absl::StrCat(model.regular_workers(), " \xc3\x97 ", FormatDuration(each)));
  if (totals.spares_served != 0) {
    tip.rows.emplace_back("spares served", FormatDuration(totals.spares_served));
    tip.rows.emplace_back("spares running tasks", FormatDuration(totals.spares_busy));
    tip.note = "spares serve beside the workers: their time is not in the share";
  }
  return tip;
}

Tip OverviewTip(const TraceModel& model, TimeRange column) {
  Tip tip;
  tip.title = "All workers";
  tip.rows.emplace_back("time", TimeText(model, column));
  StateTimes sum{};
  Nanos spares_served = 0;
  for (int w = 0; w < model.workers(); ++w) {
    const StateTimes times = model.worker(WorkerId(w)).states().Times(column);
    if (model.IsSpare(WorkerId(w))) {
      spares_served += column.length() - times[static_cast<size_t>(WorkerState::kAbsent)];
    } else {
      for (size_t s = 0; s < sum.size(); ++s) sum[s] += times[s];
    }
  }
  AddShares(sum, column.length() * model.regular_workers(), &tip);
  if (spares_served != 0) {
    char text[24];
    std::snprintf(text, sizeof text, "%.1f",
                  static_cast<double>(spares_served) / static_cast<double>(column.length()));
    tip.rows.emplace_back("spares serving", text);
  }
  tip.note = "drag to select: every panel follows";
  return tip;
}

Tip StealTip(const TraceModel& model, const StealMatrix& matrix, int thief, int victim) {
  const auto t = static_cast<size_t>(thief);
  const auto v = static_cast<size_t>(victim);
  Tip tip;
  tip.title =
      matrix.by_node
          ? absl::StrCat("Node ", matrix.order[t], " robbed node ", matrix.order[v])
          : absl::StrCat(Name(model, WorkerId(matrix.order[t])), " robbed ",
                         model.recording().header.NameOfLane(WorkerId(matrix.order[v]).index()));
  const uint64_t steals = matrix.at(thief, victim);
  tip.rows.emplace_back("steals", FormatCount(steals));
  if (matrix.by_thief[t] != 0) {
    tip.rows.emplace_back("of the thief's", FormatPercent(static_cast<double>(steals) /
                                                          static_cast<double>(matrix.by_thief[t])));
  }
  const int distance = model.Distance(NodeId(matrix.group[t]), NodeId(matrix.group[v]));
  tip.rows.emplace_back("distance", matrix.group[t] == matrix.group[v]
                                        ? absl::StrCat("same node (", distance, ")")
                                        : absl::StrCat(distance));
  return tip;
}

Tip CrossNodeTip(const TraceModel& model, const CrossNodeMatrix& matrix, int from, int home) {
  Tip tip;
  tip.title = absl::StrCat("Node ", from, " used node ", home, "'s memory");
  const CrossNodeMatrix::Cell& cell = matrix.at(from, home);
  tip.rows.emplace_back("accesses", FormatCount(cell.accesses));
  tip.rows.emplace_back("declared", FormatBytes(cell.bytes));
  tip.rows.emplace_back("distance", absl::StrCat(model.Distance(NodeId(from), NodeId(home))));
  const uint64_t unknown = matrix.unknown[static_cast<size_t>(from)].accesses;
  if (unknown != 0) {
    tip.note = absl::StrCat(FormatCount(unknown), " more from node ", from, " to unknown homes");
  }
  return tip;
}

}  // namespace tally::viz
