#include "sim/replay/replay.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/trace/digest.h"
#include "sim/replay/replayer.h"

namespace tally {
namespace {

void Report(ReplayReport& report, std::string sentence) {
  ++report.violation_count;
  if (report.violations.size() < Replayer::kViolationsKept) {
    report.violations.push_back(std::move(sentence));
  }
}

void CheckLoss(const Recording& recording, ReplayReport& report) {
  if (recording.loss.any()) Report(report, recording.loss.InWords());
  if (!recording.header.from_create) {
    Report(report, "the recording began in the middle of a run, so its start is not known");
  }
}

// What the recorder counted and hashed while it wrote.
void CheckSeal(const Recording& recording, ReplayReport& report) {
  if (!recording.has_seal) return;
  const RecordingSummary& seal = recording.seal;
  if (seal.fingerprint != report.fingerprint) {
    Report(report, absl::StrCat("the decisions were changed after the recording: they have the "
                                "fingerprint ",
                                FingerprintText(report.fingerprint), " and the recorder wrote ",
                                FingerprintText(seal.fingerprint)));
  }
  if (seal.decisions != report.decisions || seal.decisions + seal.timeline != report.events) {
    Report(report, absl::StrCat("the recorder wrote ", seal.decisions, " decisions and ",
                                seal.timeline, " timeline events, the recording has ",
                                report.decisions, " and ", report.events - report.decisions));
  }
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    if (LaneDigest(recording.lanes[lane]) == recording.lane_digests[lane]) continue;
    Report(report, absl::StrCat("the events of lane ", lane, " were changed after the recording"));
  }
}

}  // namespace

ReplayReport Replay(const Recording& recording) {
  ReplayReport report;
  CheckLoss(recording, report);

  Replayer replayer(recording);
  std::vector<LaneHasher> hashers(recording.lanes.size());
  while (const auto step = replayer.Next()) hashers[step->lane].Add(replayer.EventOf(*step));
  std::vector<uint64_t> decisions;
  for (const LaneHasher& hasher : hashers) {
    decisions.push_back(hasher.decisions_hash());
    report.decisions += hasher.decisions();
    report.events += hasher.decisions() + hasher.timeline();
  }
  report.fingerprint = CombineLanes(decisions, recording.header.spares);
  report.tasks = replayer.machine().over();

  for (const std::string& sentence : replayer.violations()) Report(report, sentence);
  report.violation_count += replayer.violation_count() - replayer.violations().size();
  // A recording that was cut leaves things undone for that reason alone.
  if (recording.loss.sealed) {
    for (std::string& sentence :
         replayer.machine().Unfinished(recording.header, Replayer::kViolationsKept)) {
      Report(report, std::move(sentence));
    }
  }
  CheckSeal(recording, report);
  return report;
}

}  // namespace tally
