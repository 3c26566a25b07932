// The rules of the house that a compiler cannot see.
//
// Determinism cannot be tested into a scheduler: a hash map's order or a stray clock shows up as a
// fingerprint that differs once a month. So the causes are banned where decisions are made. The
// rules look at text with comments and strings blanked, not at a syntax tree: cheap, the same under
// every compiler, and fooled only by someone who means to.
#pragma once

#include <string>
#include <vector>

namespace tally::lint {

struct SourceFile {
  std::string path;  // relative to the root, with forward slashes
  std::string text;
};

struct Violation {
  std::string path;
  int line;          // from 1; 0 when it is about the file as a whole
  std::string rule;  // what was found
  std::string fix;   // what to do instead

  std::string ToString() const;
};

// Every violation, by path and line. Rules about "one file only" need all files at once.
std::vector<Violation> Check(const std::vector<SourceFile>& files);

// The same text, every character of a comment or a string literal a space, line breaks kept. The
// quoted part of an #include stays.
std::string BlankCommentsAndStrings(const std::string& text);

}  // namespace tally::lint
