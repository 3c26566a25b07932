#include "tests/lint/house_rules.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace tally::lint {
namespace {

// --- determinism: what decides must not depend on anything but its inputs ---------------------

const char* const kDecidingRooms[] = {"scheduler/policy/", "scheduler/concurrent/",
                                      "scheduler/runtime/"};

struct BannedWords {
  const char* rule;
  const char* pattern;  // ECMAScript, on blanked text
  const char* fix;
};

const BannedWords kBanned[] = {
    {"std::atomic",
     R"(\bstd::atomic(_ref|_flag|_thread_fence|_signal_fence)?\b|\b__(atomic|sync)_\w+)",
     "use W::Atomic<T>, W::Counter or W::Fence(): the simulated worlds must see every access"},
    {"thread_local", R"(\bthread_local\b|\b__thread\b)",
     "use W::Current(): in the simulated worlds all workers share one thread"},
    {"a lock, a thread or a condition variable",
     R"(\bstd::((recursive_|shared_)?(timed_)?mutex|lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable(_any)?|j?thread|counting_semaphore|binary_semaphore|latch|barrier|call_once|once_flag|future|promise|async)\b|\babsl::(Mutex|Notification|CondVar)\b|\bpthread_\w+)",
     "use W::Atomic, W::Parker and W::Thread: a fiber that blocks its thread stops every worker"},
    {"a clock or a sleep",
     R"(\bstd::chrono\b|\babsl::(Now|Time|Duration)\b|\b(clock_gettime|gettimeofday|nanosleep|usleep|__rdtsc)\b|\bstd::this_thread\b)",
     "take `Nanos` as an argument or ask W::Now(): virtual time is an integer that we own"},
    {"someone else's random numbers",
     R"(\bstd::(\w+_distribution|mt19937(_64)?|minstd_rand0?|default_random_engine|random_device|shuffle|sample)\b|\bs?rand\s*\(|\b[dlm]rand48\b|\babsl::(BitGen|InsecureBitGen|Uniform)\b)",
     "draw integers from our own generator, seeded by the knobs: libraries differ in theirs"},
    {"an unordered container",
     R"(\bstd::(unordered_\w+|hash)\b|\babsl::(flat|node)_hash_\w+|\babsl::Hash\b)",
     "use a vector indexed by id, or a sorted one: hash order is not part of the input"},
    {"an order by address",
     R"(\bstd::(multi)?(map|set)\s*<\s*(const\s+)?\w+(::\w+)*\s*(const\s*)?\*|\bstd::(less|greater)\s*<[^>]*\*)",
     "key it by id: addresses differ from run to run"},
    {"volatile", R"(\bvolatile\b)", "use W::Atomic<T>: volatile orders nothing between workers"},
    {"floating-point time",
     R"(\b(float|double)\s+(\w+_(ns|us|ms|nanos|micros|millis|seconds|deadline|time|clock)|now|time|deadline|latency\w*)_?\b)",
     "keep time in integer `Nanos`: rounding differs between compilers and levels"},
};

bool IsTest(const std::string& path) {
  return absl::EndsWith(path, "_test.cc") || absl::EndsWith(path, "_benchmark.cc");
}

bool Decides(const std::string& path) {
  return !IsTest(path) &&
         std::any_of(std::begin(kDecidingRooms), std::end(kDecidingRooms),
                     [&](const char* room) { return absl::StartsWith(path, room); });
}

int LineOf(const std::string& text, size_t position) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + position, '\n'));
}

void CheckWords(const SourceFile& file, const std::string& code, std::vector<Violation>& found) {
  if (!Decides(file.path)) return;
  // Compiled once: std::regex takes longer to build than to run.
  static const auto* const patterns = [] {
    auto* compiled = new std::vector<std::regex>;
    for (const BannedWords& banned : kBanned) compiled->emplace_back(banned.pattern);
    return compiled;
  }();
  for (size_t i = 0; i < patterns->size(); ++i) {
    for (std::sregex_iterator match(code.begin(), code.end(), (*patterns)[i]), end; match != end;
         ++match) {
      found.push_back(
          {file.path, LineOf(code, match->position()),
           absl::StrFormat("%s is %s, in a room that decides", match->str(), kBanned[i].rule),
           kBanned[i].fix});
    }
  }
}

// --- rooms: who may include what ---------------------------------------------------------------

struct Include {
  std::string path;
  int line;
};

std::vector<Include> IncludesOf(const std::string& code) {
  static const auto* const pattern =
      new std::regex(R"re((^|\n)\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<Include> includes;
  for (std::sregex_iterator match(code.begin(), code.end(), *pattern), end; match != end; ++match) {
    includes.push_back({match->str(2), LineOf(code, match->position(2))});
  }
  return includes;
}

struct Room {
  const char* path;                      // a file belongs to the first room that it is in
  std::vector<const char*> may_include;  // of our own headers, besides its own
};

// The arrows of docs/architecture.md. Bazel's visibility keeps them too, package by package; here
// they can be read in one place, and cannot be widened by the room that wants to.
const std::vector<Room>& Rooms() {
  static const auto* const rooms = new std::vector<Room>{
      {"numa/", {}},
      {"scheduler/world/", {"numa/"}},
      {"scheduler/policy/", {"numa/"}},
      {"scheduler/concurrent/", {"numa/", "scheduler/world/", "scheduler/policy/"}},
      {"scheduler/trace/", {"numa/", "scheduler/world/"}},
      {"scheduler/", {"numa/"}},
      {"sim/", {"numa/", "scheduler/"}},
      {"viz/model/", {"numa/", "scheduler/", "sim/"}},
      {"viz/panels/", {"numa/", "scheduler/", "sim/", "viz/model/"}},
      {"viz/", {"numa/", "scheduler/", "sim/"}},
  };
  return *rooms;
}

const char* const kOurs[] = {"numa/", "scheduler/", "sim/", "viz/", "benchmarks/", "tests/"};

void CheckArrows(const SourceFile& file, const std::vector<Include>& includes,
                 std::vector<Violation>& found) {
  if (IsTest(file.path)) return;
  const auto room = std::find_if(Rooms().begin(), Rooms().end(), [&](const Room& candidate) {
    return absl::StartsWith(file.path, candidate.path);
  });
  if (room == Rooms().end()) return;
  for (const Include& include : includes) {
    const auto starts = [&](const char* prefix) { return absl::StartsWith(include.path, prefix); };
    const bool ours = std::any_of(std::begin(kOurs), std::end(kOurs), starts);
    const bool allowed = starts(room->path) ||
                         std::any_of(room->may_include.begin(), room->may_include.end(), starts);
    if (ours && !allowed) {
      found.push_back(
          {file.path, include.line,
           absl::StrFormat("%s must not know %s", room->path, include.path),
           "move the code to the room that may, or pass the value down (docs/architecture.md)"});
    }
  }
}

struct Library {
  const char* name;
  const char* include;             // ECMAScript, on the included path
  std::vector<const char*> rooms;  // where it may be included
  size_t files_max;                // in so many files; headers never count as one of "few"
  const char* fix;
};

const std::vector<Library>& Libraries() {
  static const size_t kAny = ~size_t{0};
  static const auto* const libraries = new std::vector<Library>{
      {"hwloc",
       R"(hwloc(\.h|/.*))",
       {"numa/"},
       2,
       "ask Topology, a plain value, or add what is missing to it in numa/"},
      {"Dear ImGui",
       R"((.*/)?(imgui(_.*)?|imstb_.*)\.h)",
       {"viz/panels/", "viz/app/"},
       kAny,
       "compute in viz/model/, draw in viz/panels/"},
      {"GLFW", R"(GLFW/.*)", {"viz/app/"}, 1, "ask the one file in viz/app/ that owns the window"},
      {"EGL",
       R"(EGL/.*)",
       {"viz/app/"},
       1,
       "ask the one file in viz/app/ that renders without a display"},
  };
  return *libraries;
}

// Whether the libraries are there and answer, whatever room uses them.
bool IsToolchainTest(const std::string& path) { return absl::StartsWith(path, "tests/toolchain/"); }

class LibraryUse {
 public:
  explicit LibraryUse(const Library& library) : library_(library), include_(library.include) {}

  void Look(const SourceFile& file, const std::vector<Include>& includes,
            std::vector<Violation>& found) {
    if (IsToolchainTest(file.path)) return;
    for (const Include& include : includes) {
      if (!std::regex_match(include.path, include_)) continue;
      const bool allowed =
          std::any_of(library_.rooms.begin(), library_.rooms.end(),
                      [&](const char* room) { return absl::StartsWith(file.path, room); });
      if (!allowed) {
        found.push_back(
            {file.path, include.line,
             absl::StrFormat("%s is included outside of %s", library_.name, library_.rooms.front()),
             library_.fix});
      } else {
        first_line_in_.emplace(file.path, include.line);
      }
    }
  }

  // The files beyond the allowed number, in order of path.
  void Conclude(std::vector<Violation>& found) const {
    size_t count = 0;
    for (const auto& [path, line] : first_line_in_) {
      if (++count > library_.files_max) {
        found.push_back(
            {path, line,
             absl::StrFormat("%s is included in more than %d file(s); first in %s", library_.name,
                             library_.files_max, first_line_in_.begin()->first),
             library_.fix});
      }
    }
  }

 private:
  const Library& library_;
  std::regex include_;
  std::map<std::string, int> first_line_in_;
};

// --- names -------------------------------------------------------------------------------------

void CheckPath(const SourceFile& file, std::vector<Violation>& found) {
  static const auto* const pattern =
      new std::regex(R"((^|.*/)(utils?|common|base|helpers?|misc)/.*)");
  if (std::regex_match(file.path, *pattern)) {
    found.push_back({file.path, 0, "a folder named for nothing",
                     "put the code in the room whose noun it serves, or name its own noun"});
  }
}

}  // namespace

std::string Violation::ToString() const {
  return absl::StrFormat("%s:%d: %s\n    fix: %s", path, line, rule, fix);
}

std::string BlankCommentsAndStrings(const std::string& text) {
  enum { kCode, kLineComment, kBlockComment, kString, kChar, kRawString, kInclude } state = kCode;
  std::string raw_end;  // of the raw string that we are in: )delimiter"
  std::string code = text;
  const auto at = [&](size_t i, const char* word) {
    return text.compare(i, std::char_traits<char>::length(word), word) == 0;
  };
  const auto blank = [&](size_t i) {
    if (code[i] != '\n') code[i] = ' ';
  };
  for (size_t i = 0; i < text.size(); ++i) {
    switch (state) {
      case kCode:
        if (at(i, "//")) {
          state = kLineComment;
          blank(i);
        } else if (at(i, "/*")) {
          state = kBlockComment;
          blank(i);
        } else if (at(i, "#include")) {
          state = kInclude;
        } else if (at(i, "R\"") &&
                   (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
          state = kRawString;
          const size_t open = text.find('(', i);
          raw_end =
              open == std::string::npos ? "\"" : ")" + text.substr(i + 2, open - i - 2) + "\"";
        } else if (text[i] == '"') {
          state = kString;
        } else if (text[i] == '\'' &&
                   (i == 0 || !std::isxdigit(static_cast<unsigned char>(text[i - 1])))) {
          state = kChar;  // and not the separator of 1'000
        }
        break;
      case kLineComment:
        if (text[i] == '\n') {
          state = kCode;
        } else {
          blank(i);
        }
        break;
      case kBlockComment:
        if (at(i, "*/")) {
          blank(i++);
          state = kCode;
        }
        blank(i);
        break;
      case kString:
      case kChar:
        if (text[i] == '\\') {
          blank(i++);
          if (i < text.size()) blank(i);
        } else if (text[i] == (state == kString ? '"' : '\'') || text[i] == '\n') {
          state = kCode;
        } else {
          blank(i);
        }
        break;
      case kRawString:
        if (text.compare(i, raw_end.size(), raw_end) == 0) {
          i += raw_end.size() - 1;
          state = kCode;
        } else {
          blank(i);
        }
        break;
      case kInclude:
        if (text[i] == '\n') state = kCode;
        break;
    }
  }
  return code;
}

std::vector<Violation> Check(const std::vector<SourceFile>& files) {
  std::vector<Violation> found;
  std::vector<LibraryUse> uses(Libraries().begin(), Libraries().end());
  for (const SourceFile& file : files) {
    const std::string code = BlankCommentsAndStrings(file.text);
    const std::vector<Include> includes = IncludesOf(code);
    CheckPath(file, found);
    CheckWords(file, code, found);
    CheckArrows(file, includes, found);
    for (LibraryUse& use : uses) use.Look(file, includes, found);
  }
  for (const LibraryUse& use : uses) use.Conclude(found);
  std::sort(found.begin(), found.end(), [](const Violation& a, const Violation& b) {
    return std::tie(a.path, a.line, a.rule) < std::tie(b.path, b.line, b.rule);
  });
  return found;
}

}  // namespace tally::lint
