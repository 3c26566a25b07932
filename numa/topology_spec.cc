#include "numa/topology_spec.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tally {
namespace {

constexpr size_t kMaxSpecBytes = 4096;
constexpr size_t kMaxFileBytes = 16 << 20;  // the largest real one seen is under 1 MiB

// Debian's absl::string_view is a type of its own.
absl::string_view Abseil(std::string_view text) { return {text.data(), text.size()}; }

bool LooksLikeFile(const std::string& spec) {
  struct stat info;
  return absl::EndsWith(spec, ".xml") || absl::StrContains(spec, "/") ||
         stat(spec.c_str(), &info) == 0;
}

absl::Status CannotOpen(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return absl::NotFoundError(
        absl::StrCat("there is no topology file ", QuoteSpec(path), ": ", WhatToTypeInstead()));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read the topology file ", QuoteSpec(path), ": ", strerror(error)));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// A pipe is fine ("<(lstopo --of xml)"), a directory or /dev/zero is not.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return CannotOpen(path, errno);
  struct stat info;
  if (fstat(file.get(), &info) != 0) return CannotOpen(path, errno);
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(QuoteSpec(path), " is a directory: name the hwloc XML file in it"));
  }
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(QuoteSpec(path), " is not a file: ", WhatToTypeInstead()));
  }
  std::string text;
  char chunk[1 << 14];
  while (true) {
    const ssize_t got = read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotOpen(path, errno);
    if (got == 0) return text;
    text.append(chunk, static_cast<size_t>(got));
    if (text.size() > kMaxFileBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          QuoteSpec(path),
          " is larger than 16 MiB, so it is not an hwloc topology: ", WhatToTypeInstead()));
    }
  }
}

// One level of synthetic text as far as the limits need it: "numa:2(memory=1GB)" -> numa, 2.
struct Level {
  std::string type;  // lower case; empty for a bare number
  int64_t count = 1;
  bool counted = false;
};

Level ParseLevel(std::string_view token) {
  Level level;
  size_t i = 0;
  while (i < token.size() && token[i] != ':' && token[i] != '(') ++i;
  level.type = absl::AsciiStrToLower(Abseil(token.substr(0, i)));
  std::string_view number;
  if (i < token.size() && token[i] == ':') {
    number = token.substr(i + 1);
  } else if (!level.type.empty() && absl::ascii_isdigit(level.type[0])) {
    level.type.clear();
    number = token;
  }
  for (char c : number) {
    if (!absl::ascii_isdigit(c)) break;
    if (!level.counted) level.count = 0;
    level.counted = true;
    // Saturates: it only has to be too many.
    level.count = std::min<int64_t>(level.count * 10 + (c - '0'), int64_t{1} << 32);
  }
  return level;
}

// Splits at spaces outside of parentheses; "[" and "]" count as spaces and set `attached`.
struct Token {
  std::string_view text;
  bool attached;  // "[numa:1]": a memory child of the level before, not a level
};

std::vector<Token> Tokens(std::string_view text) {
  std::vector<Token> tokens;
  size_t begin = 0;
  int parentheses = 0;
  bool attached = false;
  const auto end_token = [&](size_t end) {
    if (end > begin) tokens.push_back({text.substr(begin, end - begin), attached});
    begin = end + 1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(') ++parentheses;
    if (c == ')') --parentheses;
    if (parentheses > 0) continue;
    if (absl::ascii_isspace(c) || c == '[' || c == ']') end_token(i);
    if (c == '[') attached = true;
    if (c == ']') attached = false;
  }
  end_token(text.size());
  return tokens;
}

absl::Status TooMany(std::string_view what, int limit) {
  return absl::InvalidArgumentError(absl::StrCat("the synthetic topology has more than ", limit,
                                                 " ", Abseil(what), ": ask for at most ", limit));
}

}  // namespace

std::string QuoteSpec(std::string_view spec) {
  constexpr size_t kShown = 120;
  const bool cut = spec.size() > kShown;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(Abseil(spec.substr(0, kShown))),
                      cut ? "...\"" : "\"");
}

std::string WhatToTypeInstead() {
  return "type live, an hwloc XML file (lstopo writes one: lstopo machine.xml), or synthetic text "
         "such as \"package:2 numa:1 l3:8 core:8 pu:1\"";
}

absl::StatusOr<size_t> CheckSynthetic(std::string_view text) {
  int64_t objects = 1, nodes = 0, total = 0;
  bool has_level = false;
  for (const Token& token : Tokens(text)) {
    if (token.text[0] == '(') continue;  // attributes of the machine as a whole
    const Level level = ParseLevel(token.text);
    const bool numa = absl::StartsWith(level.type, "numa") || absl::StartsWith(level.type, "node");
    if (token.attached) {
      nodes += objects * level.count;
    } else {
      if (!level.counted || level.count == 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("in the topology ", QuoteSpec(text), ", ", QuoteSpec(token.text),
                         " has no count of at least 1: ", WhatToTypeInstead()));
      }
      has_level = true;
      objects *= level.count;
      if (numa) nodes += objects;
      if (objects > kMaxPus) return TooMany("PUs", kMaxPus);
      if (level.count > kMaxInOne) return TooMany("things in one", kMaxInOne);
      total += objects;
      if (total > kMaxObjects) return TooMany("things in all", kMaxObjects);
    }
    if (nodes > kMaxNodes) return TooMany("NUMA nodes", kMaxNodes);
  }
  if (!has_level) {
    return absl::InvalidArgumentError(absl::StrCat("the topology is empty: ", WhatToTypeInstead()));
  }
  return static_cast<size_t>(objects);
}

absl::Status CheckXmlVersion(std::string_view spec, std::string_view xml) {
  // <topology version="3.0">; hwloc 1 wrote no version.
  const size_t tag = xml.find("<topology");
  if (tag == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(QuoteSpec(spec), " is not an hwloc XML topology: ", WhatToTypeInstead()));
  }
  const std::string_view head = xml.substr(tag, xml.find('>', tag) - tag);
  const size_t version = head.find("version=\"");
  if (version == std::string_view::npos) return absl::OkStatus();
  const std::string_view number = head.substr(version + strlen("version=\""));
  const std::string_view major = number.substr(0, number.find_first_of(".\""));
  if (major == "1" || major == "2") return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      QuoteSpec(spec), " is hwloc XML of version ", Abseil(number.substr(0, number.find('"'))),
      ", and this hwloc reads up to 2: write it again with lstopo --export-xml-flags v2 "
      "machine.xml "
      "(or with any lstopo 2.x)"));
}

absl::StatusOr<TopologySource> ReadTopologySpec(std::string_view spec) {
  TopologySource source;
  source.spec = std::string(spec);
  if (spec.find('\0') != std::string_view::npos || spec.size() > kMaxSpecBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("this is not a topology: ", WhatToTypeInstead()));
  }
  if (spec == "live") return source;
  if (LooksLikeFile(source.spec)) {
    absl::StatusOr<std::string> xml = ReadFile(source.spec);
    if (!xml.ok()) return xml.status();
    if (absl::Status status = CheckXmlVersion(spec, *xml); !status.ok()) return status;
    source.kind = TopologySource::Kind::kXml;
    source.text = *std::move(xml);
    return source;
  }
  const absl::StatusOr<size_t> pus = CheckSynthetic(spec);
  if (!pus.ok()) return pus.status();
  source.pus = *pus;
  source.kind = TopologySource::Kind::kSynthetic;
  source.text = source.spec;
  return source;
}

}  // namespace tally
