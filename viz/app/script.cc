#include "viz/app/script.h"

#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "viz/app/state_dump.h"
#include "viz/panels/keys.h"

namespace tally::viz {
namespace {

// After an input: ImGui acts on a release one frame later, and what changed is drawn in the next.
constexpr int kSettle = 4;

const std::map<std::string, size_t>& ArgumentCounts() {
  static const std::map<std::string, size_t> counts = {
      {"key", 1},    {"click", 1},      {"drag", 3},   {"wheel", 2},      {"wait", 1},
      {"expect", 2}, {"expect-not", 2}, {"absent", 1}, {"screenshot", 1}, {"quit", 0},
  };
  return counts;
}

InputEvent Move(float x, float y) { return {.kind = InputEvent::Kind::kMove, .x = x, .y = y}; }
InputEvent Button(int code, bool down) {
  return {.kind = InputEvent::Kind::kButton, .code = code, .down = down};
}
float Middle(int from, int length) {
  return static_cast<float>(from) + static_cast<float>(length) / 2;
}

}  // namespace

absl::StatusOr<Script> Script::Parse(std::string_view text) {
  Script script;
  int number = 0;
  for (absl::string_view raw : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    // A value may hold spaces: the last argument takes the rest of the line.
    const std::string verb(line.substr(0, line.find(' ')));
    const auto counts = ArgumentCounts().find(verb);
    if (counts == ArgumentCounts().end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " of the script: there is no command ", verb));
    }
    std::vector<std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', static_cast<int>(counts->second)));
    if (words.size() != counts->second + 1) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " of the script: ", verb,
                                                     " needs ", counts->second, " arguments"));
    }
    script.lines_.push_back({number, std::move(words)});
  }
  return script;
}

std::string Script::TakeScreenshot() { return std::exchange(screenshot_, std::string()); }

absl::Status Script::Click(const Line& line, const Shown& shown, InputQueue* input) {
  const Shown::Item* item = shown.Find(line.words[1]);
  if (item == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("line ", line.number, ": there is no ", line.words[1], " on the screen"));
  }
  const float x = Middle(item->rect.x, item->rect.w);
  const float y = Middle(item->rect.y, item->rect.h);
  input->Push(Move(x, y));
  if (line.words[0] == "wheel") {
    float lines = 0;
    if (!absl::SimpleAtof(line.words[2], &lines)) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": not a number"));
    }
    input->Push({.kind = InputEvent::Kind::kWheel, .y = lines});
  } else {
    input->Push(Button(0, true));
    input->Push(Button(0, false));
  }
  return absl::OkStatus();
}

absl::Status Script::Drag(const Line& line, const Shown& shown, InputQueue* input) {
  const Shown::Item* item = shown.Find(line.words[1]);
  float from = 0;
  float to = 0;
  if (item == nullptr || !absl::SimpleAtof(line.words[2], &from) ||
      !absl::SimpleAtof(line.words[3], &to)) {
    return absl::FailedPreconditionError(
        absl::StrCat("line ", line.number, ": cannot drag over ", line.words[1]));
  }
  const float y = Middle(item->rect.y, item->rect.h);
  const auto x = [&](float share) {
    return static_cast<float>(item->rect.x) + share * static_cast<float>(item->rect.w);
  };
  input->Push(Move(x(from), y));
  input->Push(Button(0, true));
  input->Push(Move(x((from + to) / 2), y));
  input->Push(Move(x(to), y));
  input->Push(Button(0, false));
  return absl::OkStatus();
}

absl::Status Script::Run(const Line& line, const Shown& shown, InputQueue* input) {
  const std::string& verb = line.words[0];
  wait_ = kSettle;
  if (verb == "click" || verb == "wheel") return Click(line, shown, input);
  if (verb == "drag") return Drag(line, shown, input);
  if (verb == "key") {
    const Binding* binding = FindBinding(line.words[1]);
    if (binding == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line.number, ": no key ", line.words[1], " does anything"));
    }
    InputEvent event{.kind = InputEvent::Kind::kKey,
                     .code = binding->key,
                     .down = true,
                     .ctrl = binding->ctrl,
                     .shift = binding->shift};
    input->Push(event);
    event.down = event.ctrl = event.shift = false;
    input->Push(event);
    return absl::OkStatus();
  }
  if (verb == "wait") {
    if (!absl::SimpleAtoi(line.words[1], &wait_) || wait_ < 0) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": wait how long?"));
    }
    return absl::OkStatus();
  }
  wait_ = 0;
  if (verb == "screenshot") screenshot_ = line.words[1];
  if (verb == "quit") quit_ = true;
  if (verb == "screenshot" || verb == "quit") return absl::OkStatus();
  const Shown::Item* item = shown.Find(line.words[1]);
  if (verb == "absent") {
    if (item == nullptr) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("line ", line.number, ": ", line.words[1], " is on the screen"));
  }
  const std::string value = item == nullptr ? "(not on the screen)" : ValueText(item->value);
  if ((value == line.words[2]) == (verb == "expect")) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "line ", line.number, ": ", absl::StrJoin(line.words, " "), ", but it shows ", value));
}

absl::Status Script::Step(const Shown& shown, InputQueue* input) {
  // Everything pushed must have been seen before the next command looks.
  if (!input->empty()) return absl::OkStatus();
  if (wait_ > 0) {
    --wait_;
    return absl::OkStatus();
  }
  while (!done() && wait_ == 0 && input->empty() && screenshot_.empty()) {
    const absl::Status ran = Run(lines_[at_], shown, input);
    if (!ran.ok()) return ran;
    ++at_;
  }
  return absl::OkStatus();
}

}  // namespace tally::viz
