// What came of an attempt to take a task from a shared structure. Losing a race is a value of its
// own: "empty" allows going to sleep, "lost" means that there was something a moment ago.
#pragma once

#include <cstdint>

namespace tally {

enum class Attempt : uint8_t { kEmpty, kLost, kTaken };

template <class Task>
struct [[nodiscard]] Taken {
  Attempt attempt = Attempt::kEmpty;
  Task* task = nullptr;  // the one taken, else nullptr

  static Taken Empty() { return {}; }
  static Taken Lost() { return {Attempt::kLost, nullptr}; }
  static Taken Of(Task* task) { return {Attempt::kTaken, task}; }
};

}  // namespace tally
