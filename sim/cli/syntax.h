// What a command takes, as a table, and the words of a command line taken apart by it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tally::cli {

struct Flag {
  std::string name;           // "--size"
  std::string value;          // "N" in --size=N; empty: a switch
  std::string help;           // lower case, no full stop
  std::string default_value;  // empty: none; shown in the help, not filled in
};

struct Syntax {
  std::string command;        // "run"
  std::string summary;        // one line
  std::string argument;       // "WORKLOAD"; empty: takes none
  std::string argument_help;  // also completes "run needs a WORKLOAD: "
  std::vector<Flag> flags;
  std::string footer = "";  // below the help's tables
};

class Words {
 public:
  bool Has(const std::string& flag) const { return values_.count(flag) != 0; }
  std::optional<std::string> Value(const std::string& flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::string& argument() const { return argument_; }
  // Not empty: --help was asked for, and this is it.
  const std::string& help() const { return help_; }

 private:
  friend absl::StatusOr<Words> TakeApart(const Syntax& syntax, std::vector<std::string> words);
  std::map<std::string, std::string> values_;
  std::string argument_;
  std::string help_;
};

// InvalidArgument, one sentence that says what to type instead.
absl::StatusOr<Words> TakeApart(const Syntax& syntax, std::vector<std::string> words);

}  // namespace tally::cli
