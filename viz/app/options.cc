#include "viz/app/options.h"

#include <cctype>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tally::viz {
namespace {

constexpr int kSmallest = 640;  // what the panels need to be readable ...
constexpr int kLowest = 400;
constexpr int kLargest = 16384;  // ... and what OpenGL draws at once

struct Flag {
  const char* name;
  const char* value;  // null: the flag takes none
  const char* what;
};

constexpr Flag kFlags[] = {
    {"demo", nullptr, "watch a demo workload on the real scheduler, live"},
    {"screenshot", "OUT.png", "draw one picture without a display, and quit"},
    {"size", "WxH", "of the window or the picture (1280x720)"},
    {"script", "FILE", "press keys, click and check by script"},
    {"dump-state", nullptr, "print what is shown as JSON, and quit"},
    {"help", nullptr, "this text"},
    {"version", nullptr, "the version"},
};

absl::Status Wrong(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

const Flag* Find(const std::string& name) {
  for (const Flag& flag : kFlags) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

absl::Status SetSize(const std::string& text, Options* options) {
  const std::vector<std::string> parts = absl::StrSplit(text, 'x');
  const auto number = [](const std::string& digits, int* out) {
    return !digits.empty() && std::isdigit(static_cast<unsigned char>(digits[0])) != 0 &&
           absl::SimpleAtoi(digits, out);
  };
  if (parts.size() != 2 || !number(parts[0], &options->width) ||
      !number(parts[1], &options->height) || options->width < kSmallest ||
      options->height < kLowest || options->width > kLargest || options->height > kLargest) {
    return Wrong(absl::StrCat("--size=", text, " is not a size: type --size=1280x720 (from ",
                              kSmallest, "x", kLowest, " to ", kLargest, "x", kLargest, ")"));
  }
  options->size_given = true;
  return absl::OkStatus();
}

absl::Status Set(const std::string& name, const std::string& value, Options* options) {
  if (name == "demo") options->demo = true;
  if (name == "dump-state") options->dump_state = true;
  if (name == "help") options->help = true;
  if (name == "version") options->version = true;
  if (name == "screenshot") options->screenshot = value;
  if (name == "script") options->script = value;
  if (name == "size") return SetSize(value, options);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (const std::string& argument : arguments) {
    if (argument.size() < 2 || argument[0] != '-') {
      if (argument.empty()) return Wrong("the name of a recording is empty: type dashboard FILE");
      if (!options.file.empty()) {
        return Wrong(absl::StrCat("one recording at a time: ", options.file, " or ", argument));
      }
      options.file = argument;
      continue;
    }
    const std::string bare = argument.substr(argument[1] == '-' ? 2 : 1);
    const size_t equals = bare.find('=');
    const std::string name = bare.substr(0, equals);
    const Flag* flag = Find(name == "h" ? "help" : name);
    if (flag == nullptr) {
      return Wrong(absl::StrCat("there is no flag ", argument,
                                ": type dashboard --help for those there are"));
    }
    const bool has_value = equals != std::string::npos;
    if (flag->value == nullptr && has_value) {
      return Wrong(absl::StrCat("--", flag->name, " takes no value: type --", flag->name));
    }
    if (flag->value != nullptr && (!has_value || equals + 1 == bare.size())) {
      return Wrong(
          absl::StrCat("--", flag->name, " needs a value: type --", flag->name, "=", flag->value));
    }
    const absl::Status set = Set(flag->name, has_value ? bare.substr(equals + 1) : "", &options);
    if (!set.ok()) return set;
  }
  if (options.help || options.version) return options;
  if (options.demo && !options.file.empty()) {
    return Wrong(absl::StrCat("either --demo or ", options.file, ", not both"));
  }
  if (!options.demo && options.file.empty()) {
    return Wrong("nothing to show: type dashboard FILE, or dashboard --demo");
  }
  return options;
}

std::string HelpText() {
  std::string text =
      "Watch a Tally scheduler at work, live or from a recording.\n\n"
      "  dashboard FILE       a recording (tally run WORKLOAD --record=FILE makes one)\n"
      "  dashboard --demo     a demo workload, live\n\n";
  for (const Flag& flag : kFlags) {
    std::string left = absl::StrCat("  --", flag.name);
    if (flag.value != nullptr) absl::StrAppend(&left, "=", flag.value);
    left.resize(std::max<size_t>(left.size() + 1, 24), ' ');
    absl::StrAppend(&text, left, flag.what, "\n");
  }
  absl::StrAppend(&text, "\nIn the window, ? shows every key.\n");
  return text;
}

}  // namespace tally::viz
