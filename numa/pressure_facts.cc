#include "numa/pressure_facts.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tally {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// "avg10=0.12" -> 0.12 if `name` is "avg10=".
template <class T, class Parse>
bool Field(absl::string_view word, absl::string_view name, const Parse& parse, T* value) {
  return absl::ConsumePrefix(&word, name) && parse(word, value);
}

// Of the time between two moments, how much was stalled; the last 10 s if there was no time.
double Percent(uint64_t before_us, uint64_t now_us, Nanos nanos, double avg10) {
  constexpr Nanos kLong = Nanos{20} * 1'000'000'000;  // then the average would hide what is new
  if (nanos <= 0 || nanos > kLong || now_us < before_us) return avg10;
  return 100.0 * 1000.0 * static_cast<double>(now_us - before_us) / static_cast<double>(nanos);
}

void Raise(PressureVerdict& verdict, PressureLevel level, std::string why) {
  if (level <= verdict.level) return;
  verdict = {level, std::move(why)};
}

void JudgeEvents(const CgroupMemoryEvents& before, const CgroupMemoryEvents& now,
                 PressureVerdict& verdict) {
  const auto times = [](uint64_t count) {
    return count == 1 ? std::string("once") : absl::StrCat(count, " times");
  };
  if (now.oom_kill > before.oom_kill) {
    Raise(verdict, PressureLevel::kHigh,
          absl::StrCat("the kernel killed ", now.oom_kill - before.oom_kill,
                       " of the cgroup's processes for want of memory"));
  }
  if (now.oom > before.oom) {
    Raise(verdict, PressureLevel::kHigh,
          absl::StrCat("the cgroup was out of memory ", times(now.oom - before.oom)));
  }
  if (now.max > before.max) {
    Raise(verdict, PressureLevel::kHigh,
          absl::StrCat("the cgroup met its limit memory.max ", times(now.max - before.max)));
  }
  if (now.high > before.high) {
    Raise(verdict, PressureLevel::kSome,
          absl::StrCat("the cgroup met its limit memory.high ", times(now.high - before.high)));
  }
}

}  // namespace

std::string_view PressureLevelName(PressureLevel level) {
  switch (level) {
    case PressureLevel::kSome:
      return "some";
    case PressureLevel::kHigh:
      return "high";
    case PressureLevel::kNone:
      break;
  }
  return "none";
}

std::optional<PressureStalls> ParsePressure(std::string_view text) {
  PressureStalls stalls;
  bool found = false;
  for (absl::string_view line : absl::StrSplit(View(text), '\n')) {
    const bool some = absl::ConsumePrefix(&line, "some ");
    if (!some && !absl::ConsumePrefix(&line, "full ")) continue;
    for (const absl::string_view word : absl::StrSplit(line, ' ')) {
      const auto number = [](absl::string_view digits, uint64_t* value) {
        return absl::SimpleAtoi(digits, value);
      };
      const auto decimal = [](absl::string_view digits, double* value) {
        return absl::SimpleAtod(digits, value);
      };
      found |= Field(word, "total=", number, some ? &stalls.some_us : &stalls.full_us);
      Field(word, "avg10=", decimal, some ? &stalls.some_avg10 : &stalls.full_avg10);
    }
  }
  if (!found) return std::nullopt;
  return stalls;
}

std::optional<CgroupMemoryEvents> ParseMemoryEvents(std::string_view text) {
  CgroupMemoryEvents events;
  bool found = false;
  for (const absl::string_view line : absl::StrSplit(View(text), '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() != 2) continue;
    uint64_t* const field = words[0] == "high"       ? &events.high
                            : words[0] == "max"      ? &events.max
                            : words[0] == "oom"      ? &events.oom
                            : words[0] == "oom_kill" ? &events.oom_kill
                                                     : nullptr;
    found |= field != nullptr && absl::SimpleAtoi(words[1], field);
  }
  if (!found) return std::nullopt;
  return events;
}

PressureVerdict JudgePressure(const PressureFacts& before, const PressureFacts& now) {
  PressureVerdict verdict;
  if (before.events && now.events) JudgeEvents(*before.events, *now.events, verdict);
  const Nanos nanos = now.at - before.at;
  double some = 0, full = 0;  // the worst of the files
  bool known = false;
  for (size_t i = 0; i < std::min(before.stalls.size(), now.stalls.size()); ++i) {
    const std::optional<PressureStalls>& was = before.stalls[i];
    const std::optional<PressureStalls>& is = now.stalls[i];
    if (!was || !is) continue;
    known = true;
    some = std::max(some, Percent(was->some_us, is->some_us, nanos, is->some_avg10));
    full = std::max(full, Percent(was->full_us, is->full_us, nanos, is->full_avg10));
  }
  if (full >= kFullPercent) {
    Raise(verdict, PressureLevel::kHigh,
          absl::StrFormat("nothing ran for want of memory %.1f %% of the time", full));
  }
  if (known && (some >= kSomePercent || now.triggered)) {
    Raise(verdict, PressureLevel::kSome,
          absl::StrFormat("tasks waited for memory %.1f %% of the time", some));
  }
  return verdict;
}

}  // namespace tally
