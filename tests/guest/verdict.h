// What a probe finds right and wrong, as lines that guest_test.sh counts.
#pragma once

#include <cstdio>
#include <string>

namespace tally::guest {

class Verdict {
 public:
  // A thread that runs where it must, or not.
  void Thread(bool right, const std::string& what) { Note(right, "thread", what, threads_); }
  // A page that lies where it must, or not.
  void Page(bool right, const std::string& what) { Note(right, "page", what, pages_); }
  // Something that a report says, or anything else that must hold.
  void Claim(bool right, const std::string& what) { Note(right, "claim", what, claims_); }
  // Worth reading, neither right nor wrong.
  void Say(const std::string& what) { std::printf("      %s\n", what.c_str()); }

  // Prints the sums. The process's exit code.
  int Finish() const {
    std::printf("SUMS  threads %d wrong %d, pages %d wrong %d, claims %d wrong %d\n", threads_.all,
                threads_.wrong, pages_.all, pages_.wrong, claims_.all, claims_.wrong);
    std::fflush(stdout);
    return threads_.wrong + pages_.wrong + claims_.wrong == 0 ? 0 : 1;
  }

 private:
  struct Count {
    int all = 0, wrong = 0;
  };

  void Note(bool right, const char* kind, const std::string& what, Count& count) {
    ++count.all;
    if (right) return;
    // A thousand wrong pages are one mistake.
    constexpr int kShown = 12;
    if (++count.wrong <= kShown) std::printf("WRONG %s: %s\n", kind, what.c_str());
  }

  Count threads_, pages_, claims_;
};

}  // namespace tally::guest
