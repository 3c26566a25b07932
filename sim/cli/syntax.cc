#include "sim/cli/syntax.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sim/cli/nearest.h"

namespace tally::cli {
namespace {

// "--size=N" as people type it.
std::string Usage(const Flag& flag) {
  return flag.value.empty() ? flag.name : absl::StrCat(flag.name, "=", flag.value);
}

std::string Declare(const Syntax& syntax) {
  std::vector<std::string> flags;
  for (const Flag& flag : syntax.flags) flags.push_back(Usage(flag));
  flags.push_back("--help");
  std::string text;
  for (size_t i = 0; i < flags.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : i + 1 == flags.size() ? " and " : ", ", flags[i]);
  }
  return text;
}

absl::Status Unexpected(const Syntax& syntax, const std::string& word) {
  if (word.substr(0, 1) == "-") {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> names = {"--help"};
    for (const Flag& flag : syntax.flags) names.push_back(flag.name);
    const std::string nearest = Nearest(name, names);
    return absl::InvalidArgumentError(absl::StrCat(
        "tally ", syntax.command, " has no flag ", name, ": ",
        nearest.empty() ? "it takes " : absl::StrCat("did you mean ", nearest, "? It takes "),
        Declare(syntax)));
  }
  return absl::InvalidArgumentError(absl::StrCat("'", word, "' is one word too many: type tally ",
                                                 syntax.command, syntax.argument.empty() ? "" : " ",
                                                 syntax.argument, " and then only flags"));
}

// The flag that an error's text is about; the text may leave the dashes out.
const Flag* FlagOf(const Syntax& syntax, const std::string& message) {
  const auto found = std::find_if(syntax.flags.begin(), syntax.flags.end(), [&](const Flag& flag) {
    return message.find(flag.name.substr(2)) != std::string::npos;
  });
  return found == syntax.flags.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<Words> TakeApart(const Syntax& syntax, std::vector<std::string> given) {
  Words words;
  std::map<std::string, std::string> values;
  CLI::App app(syntax.summary, "tally " + syntax.command);
  app.set_help_flag("--help", "this text");
  app.get_formatter()->column_width(32);
  app.get_formatter()->label("OPTIONS", "FLAGS");
  app.get_formatter()->label("Positionals", "Argument");
  app.get_formatter()->label("REQUIRED", "");
  if (!syntax.footer.empty()) app.footer("\n" + syntax.footer);
  if (!syntax.argument.empty()) {
    app.add_option(syntax.argument, words.argument_, syntax.argument_help)
        ->required()
        ->type_name("");
  }
  app.get_help_ptr()->group("Flags");
  for (const Flag& flag : syntax.flags) {
    const std::string help = flag.default_value.empty()
                                 ? flag.help
                                 : absl::StrCat(flag.help, " [", flag.default_value, "]");
    CLI::Option* option = flag.value.empty()
                              ? app.add_flag(flag.name, help)->disable_flag_override()
                              : app.add_option(flag.name, values[flag.name], help)
                                    ->type_name(flag.value)
                                    ->take_last();
    option->group("Flags");
  }
  try {
    std::reverse(given.begin(), given.end());
    app.parse(given);
  } catch (const CLI::CallForHelp&) {
    words.help_ = app.help();
    return words;
  } catch (const CLI::ExtrasError&) {
    return Unexpected(syntax, app.remaining().front());
  } catch (const CLI::RequiredError&) {
    return absl::InvalidArgumentError(absl::StrCat("tally ", syntax.command, " needs a ",
                                                   syntax.argument, ": ", syntax.argument_help));
  } catch (const CLI::ParseError& error) {
    const Flag* flag = FlagOf(syntax, error.what());
    if (flag == nullptr) return absl::InvalidArgumentError(error.what());
    return absl::InvalidArgumentError(
        absl::StrCat(flag->name, flag->value.empty() ? " takes no value" : " needs a value",
                     ": type ", Usage(*flag)));
  }
  for (const Flag& flag : syntax.flags) {
    if (app.count(flag.name) > 0) words.values_[flag.name] = values[flag.name];
  }
  return words;
}

}  // namespace tally::cli
