#include "numa/say_once.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

namespace tally {

bool SayOnce(const std::string& sentence) {
  // Never destroyed: a worker may speak while the program ends.
  static std::mutex* const mutex = new std::mutex;
  static std::set<std::string>* const said = new std::set<std::string>;
  const std::lock_guard<std::mutex> lock(*mutex);
  constexpr size_t kMost = 64;  // sentences hold numbers: a program must not fill a disk with them
  if (std::getenv("TALLY_QUIET") != nullptr || said->size() >= kMost) return false;
  if (!said->insert(sentence).second) return false;
  std::fprintf(stderr, "tally: %s\n", sentence.c_str());
  return true;
}

}  // namespace tally
